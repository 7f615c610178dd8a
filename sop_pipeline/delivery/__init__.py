"""What a delivery says of itself, before a row of it is read: how its files are written and what they are called.

Sources ask when files arrive, the warehouse when it reads them; both must get the same answer. Add here: something that
a company may declare about its files. Keep out: copying and keeping files (sources), reading what is in them (warehouse).
"""
