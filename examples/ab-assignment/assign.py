"""Which arm of an experiment a user is in: no store, no service, the same answer everywhere.

The same functions in TypeScript stand beside this in assign.ts; `weighin ab assign USER` gives the same answers.
"""

import hashlib
import sys


def assign_evenly(user_id: str) -> str:
    """Half and half."""
    return "control" if int(hashlib.md5(user_id.encode()).hexdigest(), 16) % 2 == 0 else "treatment"


def place_of(user_id: str, salt: str) -> float:
    """Where a user stands in an experiment, 0 to 1. Each experiment has its own salt, so that two of them split independently."""
    first = hashlib.md5(f"{salt}:{user_id}".encode()).digest()[:8]
    return int.from_bytes(first, "big") / 2**64


def assign_arm(user_id: str, salt: str, arms: list[tuple[str, float]]) -> str:
    """Any split: [("control", 0.9), ("treatment", 0.1)]. The last arm takes what rounding leaves."""
    place = place_of(user_id, salt)
    total = 0.0
    for name, share in arms:
        total += share
        if place < total:
            return name
    return arms[-1][0]


if __name__ == "__main__":
    # Users on standard input, one a line: arm of the even split, and of 80/15/5 with the salt of the first argument.
    salt = sys.argv[1] if len(sys.argv) > 1 else "example"
    for line in sys.stdin.buffer.read().decode().split("\n")[:-1]:
        split = assign_arm(line, salt, [("control", 0.8), ("a", 0.15), ("b", 0.05)])
        print(assign_evenly(line), split, repr(place_of(line, salt)), sep="\t")
