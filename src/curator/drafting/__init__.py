"""From the text of a paper to candidate frames, and the proof that their quotes stand there."""
