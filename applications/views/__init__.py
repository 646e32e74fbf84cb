"""Pages and gestures of this room."""
