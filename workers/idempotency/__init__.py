"""How a repeated step is made harmless, or is not: five strategies, three keys, and all that can come between."""
