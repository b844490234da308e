# SPDX-License-Identifier: Apache-2.0
"""Chinese sentences from the Debian reference (package debian-reference-zh-cn).

    handbook_text.py debian-reference.zh-cn.txt.gz --out sentences.txt

The manual is plain text: paragraphs wrapped at 70 columns, list items, tables, and listings of
commands. Paragraphs are joined again and split into sentences; tables, listings and numbering are
left out. A sentence is kept when more than half of its characters that are not blanks are Han
ideographs, so a name such as Debian stays inside a sentence and a command of its own goes.
"""
import argparse
import gzip
import re
import sys

from whole_file import write_whole

MIN_CHARACTERS, MAX_CHARACTERS = 4, 120
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# The manual sets no-break spaces behind numbers, hence \s.
BULLET = re.compile(r"(?:[*+•o-]|\d+\.)\s+|（[一二三四五六七八九十]）")
# Headings and captions are no sentences. A list item's number is gone before this is asked.
HEADING = re.compile(r"\d+(?:\.\d+)*\.\s|第\s\d+\s章|附录\s[A-Z]\.|[表图例]\s\d+\.\d+\.")
ENDS = "。！？；"
CLOSERS = "”’」』）】》)\"'"
# Line breaks swallow one blank. It is put back between two Latin words and between a Latin word
# and an ideograph, as the manual writes them; the manual breaks between ideographs without one.
SWALLOWED_BLANK = re.compile(rf"[A-Za-z0-9]\n[A-Za-z0-9{HAN}(]|[{HAN},;:)]\n[A-Za-z0-9]")


def is_mostly_han(text):
    visible = sum(not c.isspace() for c in text)
    return 2 * len(re.findall(f"[{HAN}]", text)) > visible


def paragraphs(lines):
    """Runs of lines between blank lines; a bullet and a change of indentation start a new one."""
    current, indentation = [], 0
    for line in lines:
        text = line.strip()
        here = len(line) - len(line.lstrip())
        bullet = BULLET.match(text) if here else None  # a number at the margin is a heading's
        if bullet:
            # The text of an item continues under its first letter, not under its bullet.
            here += bullet.end()
            text = text[bullet.end():]
        # The manual indents a wrapped line that starts with a section number by one more.
        if current and (bullet or not text or abs(here - indentation) > 1):
            yield current
            current = []
        if text:
            indentation = indentation if current else here
            current.append(text)
    if current:
        yield current


def is_prose(paragraph):
    """False for headings, tables, rules and listings, whose lines must not be joined."""
    if HEADING.match(paragraph[0]) or any(re.match(r"[|+$#>]|---", line) for line in paragraph):
        return False
    return is_mostly_han("".join(paragraph))


def join(paragraph):
    text = "\n".join(paragraph)
    text = SWALLOWED_BLANK.sub(lambda match: match.group().replace("\n", " "), text)
    # A match ends on the letter that the next one might begin with: one more pass is enough.
    text = SWALLOWED_BLANK.sub(lambda match: match.group().replace("\n", " "), text)
    return re.sub(r"\s+", " ", text.replace("\n", "")).strip()


def split_sentences(text):
    """Splits behind 。！？； and the quotes that close there, but not within parentheses."""
    sentence, depth = "", 0
    balanced = len(re.findall("[（(]", text)) == len(re.findall("[）)]", text))
    for position, character in enumerate(text):
        sentence += character
        depth += (character in "（(") - (character in "）)")
        behind = text[position + 1:position + 2]
        ended = sentence.rstrip(CLOSERS)[-1:] in ENDS if sentence.rstrip(CLOSERS) else False
        if ended and (depth <= 0 or not balanced) and behind not in tuple(CLOSERS + ENDS):
            yield sentence.strip()
            sentence = ""
    yield sentence.strip()


def without_contents(lines):
    """The lines before the table of contents, and those from where its first entry comes again."""
    lines = list(lines)
    texts = [line.strip() for line in lines]
    if "目录" not in texts:
        return lines
    contents = texts.index("目录")
    first = next((k for k in range(contents + 1, len(texts)) if texts[k]), len(texts))
    if texts[first:first + 1] * 2 != [t for t in texts[first:] if t == texts[first]][:2]:
        return lines
    return lines[:contents] + lines[texts.index(texts[first], first + 1):]


def sentences_of(lines):
    """The kept sentences, each once, in order."""
    seen = set()
    for paragraph in paragraphs(without_contents(lines)):
        if not is_prose(paragraph):
            continue
        for sentence in split_sentences(join(paragraph)):
            sentence = re.sub(r" (?=[。！？；，、：])", "", sentence)
            kept = MIN_CHARACTERS <= len(sentence) <= MAX_CHARACTERS and is_mostly_han(sentence)
            if kept and sentence not in seen:
                seen.add(sentence)
                yield sentence


def main():
    parser = argparse.ArgumentParser(description="Chinese sentences from the Debian reference")
    parser.add_argument("text", help="debian-reference.zh-cn.txt.gz, or the text unpacked")
    parser.add_argument("--out", help="the file to write (default: standard output)")
    arguments = parser.parse_args()
    opener = gzip.open if arguments.text.endswith(".gz") else open
    try:
        with opener(arguments.text, "rt", encoding="utf-8") as file:
            sentences = list(sentences_of(file))
        text = "".join(sentence + "\n" for sentence in sentences)
        if arguments.out:
            write_whole(arguments.out, text)
        else:
            sys.stdout.reconfigure(encoding="utf-8")
            sys.stdout.write(text)
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"handbook_text: {error}")
    characters = sum(map(len, sentences))
    print(f"handbook_text: {len(sentences)} lines, {characters} characters", file=sys.stderr)


if __name__ == "__main__":
    main()
