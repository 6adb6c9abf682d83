"""The labs of the lessons: a bench a module, and the frame around it."""
