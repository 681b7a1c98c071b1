#!/usr/bin/env python3
"""Checks deploy/kubernetes against what an operator may expect of it, without a cluster: the pod security standard `restricted`,
requests and limits, probes, disruption budgets, replicas, and network policies in both directions: each workload may open connections
to the ports that it needs and to no others. No two services share a login of Postgres. Needs PyYAML.

    python3 deploy/cluster/policy.py
"""

import collections
import pathlib
import re
import sys

import yaml

FOLDER = pathlib.Path(__file__).parent.parent / "kubernetes"
WORKLOADS = ("Deployment", "StatefulSet", "Job")
# Types of volumes that the pod security standard allows.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
# Ports to which each workload opens connections, by its label `app`. All of them resolve names.
NAMES, NATS, POSTGRES, SEARCH, HTTPS, MAIL, COLLECTOR = {53}, {4222, 8222}, {5432}, {9200}, {443}, {465, 587}, {4318}
DESTINATIONS = {
    "gateway": NAMES | {8000},
    "nats": NAMES | {6222},
    "topology": NAMES | NATS,
    "command-api": NAMES | NATS | POSTGRES | HTTPS | COLLECTOR,
    "query-api": NAMES | NATS | POSTGRES | SEARCH | COLLECTOR,
    "projectors": NAMES | NATS | POSTGRES | SEARCH | COLLECTOR,
    "sagas": NAMES | NATS | POSTGRES | HTTPS | MAIL | COLLECTOR,
}
# Ports of what the operator provides, whose addresses this description cannot know. Rules for all others name their pods.
ANYWHERE = POSTGRES | SEARCH | HTTPS | MAIL
# Fields of a pod that reach into the node.
OF_THE_NODE = ["hostNetwork", "hostPID", "hostIPC"]


def merged(base, patch):
    """A strategic merge, as far as this description needs it: maps by key, lists of named things by name."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return {key: merged(base[key], patch[key]) if key in base and key in patch else base.get(key, patch.get(key))
                for key in base | patch}
    if isinstance(base, list) and isinstance(patch, list) and all("name" in item for item in base + patch):
        names = list(dict.fromkeys(item["name"] for item in base + patch))
        found = [(next((i for i in base if i["name"] == name), {}), next((i for i in patch if i["name"] == name), {}))
                 for name in names]
        return [merged(*pair) for pair in found]
    return patch


def described():
    """The objects of the description, with its patches and the tags of its images."""
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
    objects = [found for name in kustomization["resources"] for found in yaml.safe_load_all((FOLDER / name).read_text())]
    for patch in kustomization["patches"]:
        target, change = patch["target"], yaml.safe_load((FOLDER / patch["path"]).read_text())
        change.pop("metadata")
        objects = [
            merged(found, change)
            if found["kind"] == target["kind"] and re.fullmatch(target["name"], found["metadata"]["name"])
            else found
            for found in objects
        ]
    return objects, {image["name"]: image.get("newTag") or image["digest"] for image in kustomization["images"]}


def selects(selector, labels):
    """Whether a label selector selects something with these labels."""
    fits = {
        "In": lambda value, values: value in values,
        "NotIn": lambda value, values: value not in values,
        "Exists": lambda value, _: value is not None,
        "DoesNotExist": lambda value, _: value is None,
    }
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items()) and all(
        fits[wanted["operator"]](labels.get(wanted["key"]), wanted.get("values"))
        for wanted in selector.get("matchExpressions", [])
    )


def faults_of_container(container, tags, serves):
    resources, security = container.get("resources", {}), container.get("securityContext", {})
    capabilities = security.get("capabilities", {})
    for kind, quantity in [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")]:
        if quantity not in resources.get(kind, {}):
            yield f"{kind} no {quantity}"
    for probe in ["readinessProbe", "livenessProbe"] if serves else []:
        if probe not in container:
            yield f"has no {probe}"
    if not security.get("readOnlyRootFilesystem"):
        yield "may write to its root file system"
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield "may gain privileges"
    if capabilities.get("drop") != ["ALL"] or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "keeps capabilities"
    image, _, tag = container["image"].partition(":")
    if tags.get(image, tag) in ("", "latest"):
        yield f"has no version of {image}"


def faults_of_pod(pod):
    security = pod.get("securityContext", {})
    if not security.get("runAsNonRoot") or not security.get("runAsUser"):
        yield "may run as root"
    if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"
    if any(pod.get(field) for field in OF_THE_NODE):
        yield "shares a namespace with its node"
    for volume in pod.get("volumes", []):
        if not set(volume) - {"name"} <= VOLUMES:
            yield f"has a volume that is not allowed: {volume['name']}"
    if pod.get("automountServiceAccountToken") is not False:
        yield "has a token for the API server"
    if pod.get("enableServiceLinks") is not False:
        yield "gets a variable per Service, which may be read as a setting"


def faults_of_egress(app, policies):
    """Compares the ports that these policies let a workload reach with those that it needs."""
    rules = [rule for spec in policies for rule in spec.get("egress", [])]
    ports = {port["port"] for rule in rules for port in rule.get("ports", [])}
    if app not in DESTINATIONS:
        yield f"is not among the destinations that {pathlib.Path(__file__).name} knows"
        return
    yield from (f"may not reach port {port}, which it needs" for port in sorted(DESTINATIONS[app] - ports))
    yield from (f"may reach port {port}, which it does not need" for port in sorted(ports - DESTINATIONS[app]))
    if any("ports" not in rule for rule in rules):
        yield "may reach all ports of some pods"
    anywhere = {port["port"] for rule in rules if not rule.get("to") for port in rule.get("ports", [])}
    yield from (f"may reach port {port} of anything" for port in sorted(anywhere - ANYWHERE))


def faults_of_workload(workload, objects, tags):
    serves = workload["kind"] != "Job"
    labels, pod = workload["spec"]["template"]["metadata"]["labels"], workload["spec"]["template"]["spec"]
    yield from faults_of_pod(pod)
    for key, probed in [("containers", serves), ("initContainers", False)]:
        for container in pod.get(key, []):
            yield from (f"container {container['name']}: {fault}" for fault in faults_of_container(container, tags, probed))

    policies = [found["spec"] for found in objects if found["kind"] == "NetworkPolicy"]
    for direction, rules in [("Ingress", "ingress"), ("Egress", "egress")]:
        selecting = [spec for spec in policies if direction in spec.get("policyTypes", ["Ingress"])
                     and selects(spec["podSelector"], labels)]
        if not selecting:
            yield f"has no policy of {rules}"
        if any(rule == {} for spec in selecting for rule in spec.get(rules, [])):
            yield f"allows all {rules}"
        if direction == "Egress":
            yield from faults_of_egress(labels["app"], selecting)
    if serves:
        if workload["spec"].get("replicas", 1) < 2:
            yield "has one replica only"
        if not any(selects(found["spec"]["selector"], labels) for found in objects if found["kind"] == "PodDisruptionBudget"):
            yield "has no disruption budget"
        if "topologySpreadConstraints" not in pod:
            yield "may have all replicas on one node"


def logins_of(workload):
    """Keys of the secret from which a workload has its address of Postgres."""
    containers = workload["spec"]["template"]["spec"]["containers"]
    return {variable["valueFrom"]["secretKeyRef"]["key"] for container in containers for variable in container.get("env", [])
            if variable["name"].endswith("DATABASE_URL")}


def faults(objects, tags):
    workloads = [found for found in objects if found["kind"] in WORKLOADS]
    for workload in workloads:
        yield from (f"{workload['kind']} {workload['metadata']['name']} {fault}"
                    for fault in faults_of_workload(workload, objects, tags))
    logins = collections.Counter(login for workload in workloads for login in logins_of(workload))
    if len(logins) < 4:
        yield f"only {len(logins)} logins of Postgres were found"
    yield from (f"{count} services have the login {login} of Postgres" for login, count in logins.items() if count > 1)
    namespaces = [found["metadata"]["labels"] for found in objects if found["kind"] == "Namespace"]
    if [labels.get("pod-security.kubernetes.io/enforce") for labels in namespaces] != ["restricted"]:
        yield "the namespace does not enforce the pod security standard `restricted`"
    if len(workloads) < 7:
        yield f"only {len(workloads)} workloads were found"


def main():
    objects, tags = described()
    found = list(faults(objects, tags))
    print("\n".join(found) or f"{sum(item['kind'] in WORKLOADS for item in objects)} workloads keep the policy")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
