"""Link losses and the UniTrack terms."""
