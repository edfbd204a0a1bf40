#!/usr/bin/env python3
"""Ratios of koe's speed: ratios.py FIGURES RECORDED [PEERS]

FIGURES is what koe bench --json printed, RECORDED a line "step ratio" for each
step that must not become slower, PEERS what .ci/peers/run printed. Fails when a
step is more than a fifth slower, beside kagome, than recorded.
"""
import json
import statistics
import sys

figures = {f["step"]: f for f in json.load(open(sys.argv[1]))}
recorded = dict(line.split() for line in open(sys.argv[2]) if line.strip() and not line.startswith("#"))
kagome = figures["kagome"]["cpu_us"]
print(f"{'step':18} {'cpu µs':>8} {'× kagome':>9} {'low–high':>12} {'recorded':>9}")
slow = []
for step, f in figures.items():
    was = recorded.get(step)
    print(f"{step:18} {f['cpu_us']:8.1f} {f['times_kagome']:9.2f} {f['times_kagome_low']:6.2f}–{f['times_kagome_high']:.2f} {was or '':>9}")
    if was and f["times_kagome"] < 0.8 * float(was):
        slow.append(f"{step}: {f['times_kagome']:.2f} times kagome, recorded {was}")
label = sum(figures[s]["cpu_us"] for s in ("mask", "chunk", "classify")) / kagome
print(f"masking, chunking and classifying together: {label:.2f} of kagome's time")
if len(sys.argv) > 3:
    runs = {}
    for line in open(sys.argv[3]):
        p = json.loads(line)
        runs.setdefault(p["peer"], []).append(p["cpu_s"] / p["documents"] * 1e6)
    for peer, beside in (("lucene-tokenise", "words"), ("lucene-warm", "find"), ("lucene-live", "find"), ("python", "run")):
        if peer in runs:
            us = statistics.median(runs[peer])
            print(f"{peer:18} {us:8.1f} {kagome / us:9.2f}   koe's {beside} is {us / figures[beside]['cpu_us']:.2f} times as fast")
if slow:
    sys.exit("slower than recorded:\n" + "\n".join(slow))
