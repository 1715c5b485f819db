"""Print the mean temperature of each hour of the day, counting repeated messages once."""

import json
from collections import defaultdict
from pathlib import Path
from statistics import mean

messages = {}
log = Path(__file__).with_name("nhật ký cảm biến.jsonl")
for line in log.read_text(encoding="utf-8").splitlines():
    message = json.loads(line)
    messages[message["device"], message["time"]] = message

by_hour = defaultdict(list)
for message in messages.values():
    by_hour[message["time"][11:13]].append(message["temperature_degC"])
for hour, values in sorted(by_hour.items()):
    print(f"{hour} giờ: {mean(values):.1f} °C")
