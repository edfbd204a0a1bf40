"""The pipeline an analyst would write, on the documents of koe bench: base forms
by MeCab, kinds and aspects by keywords, a DataFrame, Parquet. One process.

usage: peer.py FILE OUT.parquet; prints one JSON line
"""
import json
import os
import resource
import sys
import time
from importlib.metadata import version

import fugashi
import ipadic
import pandas as pd
import pyarrow.parquet  # noqa: F401; pandas would load it while the clock runs

KINDS = {
    "complaint": "不満 困る 遅い 悪い 汚い 高い 少ない 残念 不便 ひどい",
    "praise": "良い よい いい 嬉しい 楽しい 満足 美味しい 綺麗 親切 丁寧",
    "request": "欲しい ほしい 希望 願う 増やす 改善",
    "question": "何時 どこ 教える 可能 いつ",
}
ASPECTS = {
    "staff": "スタッフ 店員 対応 接客 担当",
    "access": "駅 バス 電車 駐車場 道",
    "price": "価格 値段 料金 円",
    "food": "料理 食事 朝食 夕食 味",
    "facility": "部屋 トイレ 風呂 温泉 施設",
}
kind_of = {word: kind for kind, words in KINDS.items() for word in words.split()}
aspect_of = {word: aspect for aspect, words in ASPECTS.items() for word in words.split()}
STOP = ("助詞", "助動詞", "記号")

tagger = fugashi.GenericTagger(ipadic.MECAB_ARGS)


def base_forms(text):
    words = []
    for word in tagger(text):
        feature = word.feature  # an unknown word has no base form
        if feature[0] not in STOP:
            words.append(feature[6] if len(feature) > 6 and feature[6] != "*" else word.surface)
    return words


def load(path):
    docs = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            d = json.loads(line)
            doc = {k: d.get(k) for k in ("id", "channel", "product", "occurred_at")}
            docs.append(doc | {"queue": d.get("queue", d.get("pref")), "text": d.get("note", "") + d.get("text", "")})
    return docs


def pipeline(docs, out):
    df = pd.DataFrame(docs)
    df["occurred_at"] = pd.to_datetime(df["occurred_at"], utc=True, format="ISO8601")
    df["words"] = df["text"].map(base_forms)
    df["kinds"] = df["words"].map(lambda words: sorted({kind_of[w] for w in words if w in kind_of}))
    df["aspects"] = df["words"].map(lambda words: sorted({aspect_of[w] for w in words if w in aspect_of}))
    df.to_parquet(out, compression="zstd")
    return sum(map(len, df["words"]))


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


file, out = sys.argv[1:]
docs = load(file)
base_forms(docs[0]["text"])
cpu_0, wall_0 = cpu(), time.perf_counter()
words = pipeline(docs, out)
cpu_s, wall_s = cpu() - cpu_0, time.perf_counter() - wall_0
print(
    json.dumps(
        {
            "peer": "python",
            "documents": len(docs),
            "cpu_s": round(cpu_s, 3),
            "wall_s": round(wall_s, 3),
            "note": ", ".join(f"{p} {version(p)}" for p in ("fugashi", "pandas", "pyarrow"))
            + f", {words // len(docs)} words/doc, {os.path.getsize(out) // len(docs)} B/doc on disk",
        }
    )
)
