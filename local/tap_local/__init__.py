"""The local AWS: moto with its known faults repaired, for `tap local up` and for the tests."""
