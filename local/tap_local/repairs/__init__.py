"""One file per service; every function corrects one thing moto gets wrong. See ../repair.py for how."""
