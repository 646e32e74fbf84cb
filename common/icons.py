"""A few line drawings on a 24 × 24 grid; each stands beside words, never alone, and is hidden from screen readers."""

from typing import Final

PATHS: Final[dict[str, str]] = {
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 8h.01",
    "success": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M8 12.5l2.7 2.7L16 9.5",
    "warning": "M12 4 2.8 20h18.4zM12 10v4.5M12 17.5h.01",
    "danger": "M8.3 3h7.4L21 8.3v7.4L15.7 21H8.3L3 15.7V8.3zM12 8v5M12 16h.01",
    "neutral": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 8h.01",
    "next": "M5 12h14M13 6l6 6-6 6",
    "download": "M12 4v11M7 11l5 5 5-5M5 20h14",
    "file": "M14 3H6v18h12V7zM14 3v4h4M9 12h6M9 16h6",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3.5 2",
    "search": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16 16l4.5 4.5",
    "globe": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3 12h18M12 3c5 5.500 5 12.500 0 18M12 3c-5 5.500-5 12.500 0 18",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.500 20.500c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
    "lock": "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
    "key": "M8 19a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9M11.500 11.500 20 3M16.500 6.500l3 3",
    "up": "M6 14.500l6-6 6 6",
    "down": "M6 9.500l6 6 6-6",
    "plus": "M12 5v14M5 12h14",
}
