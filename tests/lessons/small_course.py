"""The smallest lesson that has nothing wrong, for tests that spoil one thing in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lessons import course
from lessons.course import Course

LESSON = """+++
title = "A first lesson"
minutes = 8
goal = "You can say what waits."
out_of_scope = "Everything else."
needs = []
recap = "Clip the ticket to the wheel."
next = "Then comes the second."
+++

Who waits for the soup? {filler}

{{ figure("soup") }}

## The wheel

A waiter clips a ticket, see [the start](/lessons/first#the-wheel) and [the race](/).

### The cook

- A cook pulls it when `free != busy`.

{{ check("who-waits") }}

```python
print("soup")
```

{{ source("workers.checkout:check_out_later") }}

{{ lab }}
""".replace("{filler}", "The soup is hot and the guest is not. " * 60)

QUIZ = """[[questions]]
id = "who-waits"
prompt = "Who waits?"

  [[questions.options]]
  id = "guest"
  text = "The guest."
  right = true
  belief = "Who asked, waits."
  feedback = "She asked for it. It is her soup."

  [questions.options.run]
  acts = [{ do = "place" }, { do = "until", so = "email = 1" }]
  shows = "email = 1"
  figure = "{email} e-mail"
  says = "The soup was ordered, and {email} e-mail says so."

  [[questions.options]]
  id = "waiter"
  text = "The waiter, at the counter."
  right = false
  belief = "Whoever carries, waits."
  feedback = "He has clipped the ticket. He is gone."

  [questions.options.run]
  acts = [{ do = "place" }, { do = "until", so = "email = 1" }]
  shows = "email = 1"
  figure = "{email} e-mail"
  says = "The soup was ordered, and {email} e-mail says so."

  [[questions.options]]
  id = "cook"
  text = "The cook, beside the pot."
  right = false
  belief = "Whoever cooks, waits."
  feedback = "She cooks. That is work."

  [questions.options.run]
  acts = [{ do = "place" }, { do = "until", so = "email = 1" }]
  shows = "email = 1"
  figure = "{email} e-mail"
  says = "The soup was ordered, and {email} e-mail says so."
"""

FIGURES = """[[figures]]
id = "soup"
kind = "bars"
title = "How long a soup takes"
unit = "s"
words = "Cooking takes 3 s, carrying 0.5 s."
source = "The story's figures."
rows = [
  {label = "cook", value = 3.0, tone = "worker"},
  {label = "carry", value = 0.5},
]
"""

LAB = """title = "Order a soup"
kind = "race"
prediction = {prompt = "How long?", options = [{id = "a", text = "short"}, {id = "b", text = "long"}]}
tasks = [{text = "Place the order."}]
observation = {prompt = "How long was it?", options = [{id = "a", text = "short"}, {id = "b", text = "long"}]}
"""

HINTS = """- Look at the clock.
- Look at the guest.
"""

FILES = {"lesson.md": LESSON, "quiz.toml": QUIZ, "figures.toml": FIGURES, "lab.toml": LAB, "hints.md": HINTS}


@dataclass
class SmallCourse:
    """A folder of lessons, and what the course's reader says of it."""

    root: Path

    def add(self, folder: str = "01-first") -> Path:
        """One good lesson in a folder."""
        path = self.root / folder
        path.mkdir(parents=True)
        for name, text in FILES.items():
            (path / name).write_text(text.replace("/lessons/first", f"/lessons/{folder[3:]}"))
        return path

    def spoil(self, name: str, old: str, new: str, folder: str = "01-first") -> None:
        """Change the first place of a text in one file."""
        path = self.root / folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))

    def read(self) -> Course:
        return course.read(self.root)

    def complaints(self) -> list[str]:
        return [str(fault) for fault in self.read().faults]
