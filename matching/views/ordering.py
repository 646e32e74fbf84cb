"""Reading an order that a page posts: dragged, moved by buttons, or with places typed anew."""

from django.http import HttpRequest


def order_of(request: HttpRequest) -> list[int]:
    """The posted order after what was pressed or typed: move=up:PK, move=down:PK, add=PK (several), remove=PK,
    place_PK=n.
    """
    order = _as_typed(request, [int(key) for key in request.POST.getlist("order") if key.isdecimal()])
    way, _colon, moved = request.POST.get("move", "").partition(":")
    removed = request.POST.get("remove", "")
    for added in dict.fromkeys(request.POST.getlist("add")):
        if added.isdecimal() and int(added) not in order:
            order.append(int(added))
    if removed.isdecimal() and int(removed) in order:
        order.remove(int(removed))
    if moved.isdecimal() and int(moved) in order:
        place = order.index(int(moved))
        other = place - 1 if way == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return order


def _as_typed(request: HttpRequest, order: list[int]) -> list[int]:
    """The order with everybody whose place was typed anew at that place; `was_PK` is the place that the page showed."""
    wanted = {}
    for pk in order:
        typed, was = request.POST.get(f"place_{pk}", ""), request.POST.get(f"was_{pk}", "")
        if typed.isdecimal() and typed != was:
            wanted[pk] = int(typed)
    left = [pk for pk in order if pk not in wanted]
    for pk, place in sorted(wanted.items(), key=lambda pair: pair[1]):
        left.insert(max(0, min(place - 1, len(left))), pk)
    return left
