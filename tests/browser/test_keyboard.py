"""Everything without a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from .conftest import Open, frame, press, settle


def focused(page: Chrome) -> str:
    """What has the focus, in words."""
    at = page.switch_to.active_element
    if at.tag_name == "body":
        return "nothing"
    return at.get_attribute("id") or at.text.strip() or at.get_attribute("aria-label") or at.tag_name


def test_question_mark_lists_every_key(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    press(opened, "?")
    dialog = opened.find_element(By.ID, "help")
    assert dialog.is_displayed()
    listed = " ".join(name.text for name in dialog.find_elements(By.TAG_NAME, "dt")).split()
    names = {" ": "space", "ArrowLeft": "←", "ArrowRight": "→", "Escape": "Esc", "-": "−", "=": "+"}
    keys = opened.execute_script("return Object.keys(viewer.KEYS)")
    assert len(keys) > 20
    assert [key for key in keys if names.get(key, key) not in listed] == []
    assert all(said.text for said in dialog.find_elements(By.TAG_NAME, "dd"))


@pytest.mark.parametrize("close", [Keys.ESCAPE, "?", Keys.ENTER])
def test_the_dialog_holds_the_focus_and_gives_it_back(open_page: Open, page: Path, close: str) -> None:
    opened = open_page(page)
    opened.execute_script("document.getElementById('speed').focus()")
    press(opened, Keys.TAB, "?")
    before = opened.execute_script("return viewer.state.frame")
    press(opened, Keys.TAB, Keys.TAB, Keys.ARROW_RIGHT)
    assert focused(opened) == "help-close"
    press(opened, close)
    assert not opened.find_element(By.ID, "help").is_displayed()
    assert opened.execute_script("return viewer.state.frame") == before
    opened.execute_script("document.getElementById('forward').focus()")
    press(opened, "?", close)
    assert focused(opened) == "forward"


def test_tab_reaches_every_part(open_page: Open, three: Path) -> None:
    opened = open_page(three)
    opened.execute_script("document.activeElement.blur()")
    seen = []
    for _ in range(60):
        press(opened, Keys.TAB)
        seen.append(focused(opened))
        if len(seen) > 5 and seen[-1] == seen[0]:
            break
    wanted = ["theme-button", "help-button", "play", "back", "forward", "slider", "frame", "speed"]
    assert [name for name in wanted if name not in seen] == []
    toggles = [button.text for button in opened.find_elements(By.CSS_SELECTOR, "#toggles button, #filters button")]
    assert [name for name in toggles if name not in seen] == []
    assert sum(", frame 1: " in name for name in seen) == 3  # the panes, by what they show
    errors = [name for name in seen if "object" in name or "track" in name]
    assert len(errors) == 1  # the list is one stop; arrows move in it


def test_from_error_to_box_to_candidate(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    press(opened, "f", Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_UP)
    rows = opened.find_elements(By.CSS_SELECTOR, ".error")
    assert opened.switch_to.active_element == rows[1]
    press(opened, Keys.ENTER)
    settle(opened)
    assert "current" in rows[1].get_attribute("class")
    opened.execute_script("viewer.goTo(30); viewer.select(null)")
    lefts = []
    count = opened.execute_script("const b = viewer.scene.panes[0].boxes; return b.start[30] - b.start[29]")
    for _ in range(count):
        press(opened, "j")
        settle(opened)
        lefts.append(float(opened.find_element(By.CSS_SELECTOR, "#box-facts dd:nth-of-type(2)").text.split()[0]))
    assert lefts == sorted(lefts)
    assert len(set(lefts)) == count > 2
    last = opened.find_element(By.ID, "box-title").text
    press(opened, "k", "j")
    settle(opened)
    assert opened.find_element(By.ID, "box-title").text == last
    press(opened, "b", "r")  # the list was put away: it comes back
    assert "link" in opened.switch_to.active_element.get_attribute("class")


def test_boxes_of_the_pane_that_has_the_focus(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    opened.execute_script("document.querySelectorAll('#panes canvas')[1].focus()")
    press(opened, "j")
    settle(opened)
    assert opened.find_element(By.ID, "box-title").text.startswith("Object")


def test_space_presses_the_button_that_tab_reached_and_else_plays(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    opened.execute_script("document.getElementById('back').focus()")
    press(opened, Keys.TAB, " ")
    assert focused(opened) == "forward"
    settle(opened)
    assert frame(opened) == 2
    assert opened.execute_script("return viewer.state.playing") is False
    opened.find_element(By.ID, "forward").click()
    opened.execute_script("document.activeElement.blur()")
    press(opened, " ")
    assert opened.execute_script("return viewer.state.playing") is True


def test_view_moves_and_kinds_stand_alone_without_a_mouse(open_page: Open, page: Path) -> None:
    opened = open_page(page)
    x, y = opened.execute_script("return [viewer.state.view.x, viewer.state.view.y]")
    press(opened, "d", "s", "s")
    moved = opened.execute_script("return [viewer.state.view.x, viewer.state.view.y]")
    assert moved[0] > x
    assert moved[1] - y == pytest.approx(2 * 48)
    press(opened, "a", "w", "w")
    assert opened.execute_script("return [viewer.state.view.x, viewer.state.view.y]") == pytest.approx([x, y])
    opened.execute_script("document.querySelector('[data-kind=miss]').focus()")
    ActionChains(opened).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
    assert opened.execute_script("return [...viewer.state.kinds]") == ["miss"]
    ActionChains(opened).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
    assert len(opened.execute_script("return [...viewer.state.kinds]")) == 8
