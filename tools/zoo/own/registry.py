"""The table that own nets enter by a decorator: `@net("name")` over a class or function without arguments."""

CLASSES = 5
OWN = {}


def net(name):
    def enter(make):
        assert name not in OWN, name
        OWN[name] = make
        return make

    return enter
