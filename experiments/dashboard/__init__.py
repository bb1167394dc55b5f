"""The dashboard: a desk for what-if questions and a classroom, in the browser, on a closed network too."""
