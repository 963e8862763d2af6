"""What was said, what signals it, and whom the text puts it down to: content, cue and source."""
