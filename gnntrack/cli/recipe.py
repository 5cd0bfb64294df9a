"""``gnntrack recipe``: show, check and begin the YAML files that describe data, models, training and losses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.changes import Changes, changes
from gnntrack.cli.named import named
from gnntrack.cli.output import say
from gnntrack.cli.paths import PATH
from gnntrack.recipes import Kind

app = typer.Typer(help="Show, check and begin recipes: the YAML files of data sets, models, training and losses.")
Name = Annotated[str, typer.Argument(metavar="RECIPE", help="A name, or a YAML file.")]
OfKind = Annotated[Kind | None, typer.Option(help="Of which kind, where the name or the keys do not tell.")]


@app.command(name="list")
def list_(kind: OfKind = None) -> None:
    """List the recipes that can be named, with what they say of themselves."""
    from typing import get_args

    from gnntrack import recipes

    for one in [kind] if kind else get_args(Kind):
        for name in recipes.names(one):
            description = recipes.read(recipes.find(one, name)).get("description", "")
            say(f"{one}/{name}: {description}" if description else f"{one}/{name}")


@app.command()
def show(recipe: Name, kind: OfKind = None, changed: Changes = None) -> None:
    """Print all keys of a recipe with their values, defaults too."""
    from dataclasses import replace

    from gnntrack import recipes
    from gnntrack.training.recipe_files import open_recipe

    found = open_recipe(named(recipe), kind)
    if changed:
        found = replace(found, settings=recipes.changed(found.settings, changes(changed)))
    say(f"# {found.path.name} of {found.kind}/, with all defaults")
    say(found.as_yaml().rstrip())


@app.command()
def check(recipe: Name, kind: OfKind = None) -> None:
    """Check a recipe, and the data sets and losses that it names; exit code 2 if something is wrong."""
    from gnntrack.training.recipe_files import check_named, open_recipe

    found = open_recipe(named(recipe), kind)
    check_named(found)
    others = [*found.data(), *found.losses()]
    so = "is" if len(others) == 1 else "are"
    say(f"{found.path}: a right recipe of {found.kind}/" + (f"; so {so} {', '.join(others)}" if others else ""))


@app.command()
def new(
    file: Annotated[Path, typer.Argument(parser=PATH, help="YAML file to write.")],
    example: Annotated[str, typer.Option("--from", help="Recipe to copy: a name, or a YAML file.")] = "association",
    kind: OfKind = None,
) -> None:
    """Begin a recipe of your own as a copy of another, with its comments."""
    from gnntrack.training.recipe_files import begin_recipe

    found = begin_recipe(file, example, kind)
    say(f"wrote {file}, a copy of {example} of {found.kind}/; 'gnntrack recipe show {file}' shows all its keys")
