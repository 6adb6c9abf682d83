"""Made-up names for the discussions: two words from a kitchen or a shop, another pair in every lesson."""

from __future__ import annotations

import hashlib
import hmac


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words(
    """
    amber apricot balanced basil berry blue brisk bronze buttered calm
    candied careful cheerful chestnut cinnamon clear clever clove coastal copper
    coral corner cosy crimson crisp crunchy curious dappled dewy early
    earthen easy even fennel fine floral floury folded fresh frosted
    garden gentle gilded ginger glazed golden green hazel hearty herbal
    honey humble indigo ivory jade keen kind lemon level light
    lilac lively local maple mellow merry midnight mild mint misty
    modest morning nimble nutmeg oaken olive open orchard paper patient
    peach pearl peppery plain pleasant polished poppy proud quick quiet
    ready roasted rosy rustic saffron sage salted scarlet silver simple
    smoky snowy steady sunny thyme tidy toasted walnut warm willow
    """
)
NOUNS = _words(
    """
    apron awning bagel barrel basket beaker bell biscuit blender board
    bottle bowl bread broom brush bucket bun butter button cabinet
    candle canister carafe cart cellar chalk cheese churn clock colander
    counter crate cream crumb crust cup cupboard dish doily dough
    drawer egg funnel grater griddle hamper hatch hook jar jug
    juniper kettle label ladle lantern larder ledger lentil lid loaf
    marmalade menu mill mitten mixer muffin mug napkin noodle oven
    pantry parcel parsley pastry peg pepper pickle pie pitcher plate
    platter pretzel pudding purse quiche receipt recipe ribbon salt satchel
    saucepan scale scone shelf shutter sieve skillet spatula spoon stamp
    stool stove strainer syrup table teapot ticket tile timer toaster
    token towel tray trolley turnip vase waffle wheel whisk window
    """
)


def names(secret: str, sandbox: str, lesson: str, many: int = 5) -> tuple[str, ...]:
    """A reader's names in one lesson, the first used unless taken; they do not say who she is elsewhere."""
    return tuple(_name(secret, f"{sandbox}/{lesson}/{turn}") for turn in range(many))


def _name(secret: str, of: str) -> str:
    drawn = int.from_bytes(hmac.digest(secret.encode(), f"name/{of}".encode(), hashlib.sha256))
    drawn, adjective = divmod(drawn, len(ADJECTIVES))
    return f"{ADJECTIVES[adjective]} {NOUNS[drawn % len(NOUNS)]}".capitalize()
