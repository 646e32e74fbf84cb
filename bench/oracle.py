"""How long the library `matching` takes. Run as a file of its own: `python -P bench/oracle.py APPLICANTS LABS < lists`.

The library bears the name of one of our rooms, so that it can be imported only where the house is not on the path. It
recurses once for each proposal in a chain, hence the deep stack.
"""

import json
import sys
import threading
import time

from matching.games import HospitalResident


def measure() -> None:
    given = json.load(sys.stdin)
    began = time.process_time()
    game = HospitalResident.create_from_dictionaries(given["wishes"], given["ranked"], given["seats"])
    built = time.process_time()
    found = game.solve()
    done = time.process_time()
    places = {resident.name: hospital.name for hospital, residents in found.items() for resident in residents}
    json.dump({"build": built - began, "solve": done - built, "places": places}, sys.stdout)


sys.setrecursionlimit(1_000_000)
threading.stack_size(512 * 2**20)
thread = threading.Thread(target=measure)
thread.start()
thread.join()
