"""A social-security card in the reader → who holds it. The limit: the same commands, by hand.

Both go through a real pcscd to a virtual card. By hand means libpcsclite in this process; the
driver has it in a child, and ends that child after each card. As at the terminal, the reader was
looked at just before, so that a child is there.
"""

import os
import time
from importlib.resources import as_file, files

from benchmarks.measure import Measure, median, worst
from yici.contract.people import Identity
from yici.drivers.id_card_reader.personas import Persona, load_personas
from yici.drivers.social_security_card_reader.pcsc.driver import connect
from yici.drivers.social_security_card_reader.pcsc.reading import read_holder
from yici.drivers.social_security_card_reader.pcsc.twin import PcscTwin
from yici.drivers.social_security_card_reader.pcsc.worker import Service

READINGS = 30
DEADLINE_S = 30.0


def _persona() -> Persona:
    with as_file(files("yici.catalogue").joinpath("personas.jsonl")) as path:
        return load_personas(path)["P02"]


def _by_the_driver(twin: PcscTwin) -> list[float]:
    reader = connect(twin.address)
    until_s = time.monotonic() + DEADLINE_S
    while not isinstance(reader.read_card(), Identity):
        assert time.monotonic() < until_s
        time.sleep(0.05)
    times_ms = []
    for _ in range(READINGS):
        assert reader.status().works
        started_s = time.perf_counter()
        assert isinstance(reader.read_card(), Identity)
        times_ms.append((time.perf_counter() - started_s) * 1000)
    reader.close()
    return times_ms


def _by_hand(twin: PcscTwin) -> float:
    name, _, socket = twin.address.partition("@")
    os.environ["PCSCLITE_CSOCK_NAME"] = socket
    service = Service()
    service.readers()
    times_ms = []
    for _ in range(READINGS):
        started_s = time.perf_counter()
        service.state(name)
        service.connect(name)
        assert isinstance(read_holder(service.transmit), Identity)
        service.disconnect()
        times_ms.append((time.perf_counter() - started_s) * 1000)
    service.forget()
    del os.environ["PCSCLITE_CSOCK_NAME"]
    return median(times_ms)


def measure() -> list[Measure]:
    """One measurement."""
    with PcscTwin() as twin:
        twin.put_card(_persona().identity)
        twin.wait_until_seen()
        times_ms = _by_the_driver(twin)
        limit_ms = _by_hand(twin)
    return [
        Measure(
            "social-security card in the reader → identity",
            "ms",
            median(times_ms),
            worst(times_ms),
            len(times_ms),
            "the same commands through libpcsclite",
            limit_ms,
            "p99 ≤ 500 ms",
            worst(times_ms) <= 500,
        )
    ]
