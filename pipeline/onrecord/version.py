"""Which onrecord this is. Kept apart so that every part can say so without importing the others."""

VERSION = "0.2.0"
