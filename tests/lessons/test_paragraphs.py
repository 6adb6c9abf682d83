"""HTML of ours, taken apart into headings, paragraphs and list items."""

from lessons.paragraphs import Paragraphs


def test_each_piece_comes_with_its_kind_and_its_id() -> None:
    html = '<h2 id="one">A <b>head</b></h2><p>Two\n  words &amp; more</p><ul><li>tight</li><li><p>loose</p></li></ul>'

    assert Paragraphs.of(html) == [
        ("h2", "one", "A head"),
        ("p", "", "Two words & more"),
        ("li", "", "tight"),
        ("p", "", "loose"),
    ]


def test_code_blocks_and_text_outside_of_paragraphs_are_left_out() -> None:
    assert Paragraphs.of("<pre><code>x = 1</code></pre> stray <p>Say <code>x</code>.</p>") == [("p", "", "Say x.")]
