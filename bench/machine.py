# SPDX-License-Identifier: Apache-2.0
"""What a measurement ran on."""
import os
import re
import subprocess

PACKAGES = ("libhwy-dev", "libdnnl2", "python3-torch", "python3-numpy", "libopenblas0-pthread")


def output(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def describe():
    cpu = dict(re.findall(r"^\s*([^:\n]+?):\s+(.*)$", output("lscpu"), re.MULTILINE))
    packages = dict(line.split("\t") for line in output(
        "dpkg-query", "-W", "-f", "${Package}\t${Version}\n", *PACKAGES).splitlines())
    return {
        "processor": cpu.get("Model name", "unknown"),
        "family_model": f"{cpu.get('CPU family', '?')}/{cpu.get('Model', '?')}",
        "processors": os.cpu_count(),
        "l1d": cpu.get("L1d cache"), "l2": cpu.get("L2 cache"), "l3": cpu.get("L3 cache"),
        "virtual": cpu.get("Hypervisor vendor"),
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": output("sh", "-c", ". /etc/os-release && printf %s \"$PRETTY_NAME\""),
        "compiler": output("c++", "--version").partition("\n")[0],
        "packages": packages,
        "dropped_variables": sorted(name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
                                    if name in os.environ),
        "commit": output("git", "rev-parse", "--short", "HEAD"),
    }
