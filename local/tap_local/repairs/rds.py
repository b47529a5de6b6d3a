"""RDS: instances take their time, changes are pending before they apply, the managed secret, deletion rules."""

from __future__ import annotations

import copy
import json
import secrets
from typing import Any

from .. import pace
from ..repair import STATE, Call, repair, setting
from ..wire import AwsError

API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_"
GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"

# What ModifyDBInstance keeps in PendingModifiedValues until it applies: request member -> pending member.
DEFERRED = {
    "DBInstanceClass": "DBInstanceClass",
    "AllocatedStorage": "AllocatedStorage",
    "StorageType": "StorageType",
    "MultiAZ": "MultiAZ",
    "EngineVersion": "EngineVersion",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "DBPortNumber": "Port",
}
# moto sets what it is given under the request's name; these are read back under another.
RENAMED = {"DBPortNumber": "port"}
# The minor version that RDS picks when only the major one is asked for; any will do here.
DEFAULT_MINOR = {"14": "18", "15": "13", "16": "9", "17": "5"}


def full_version(version: str) -> str:
    return version if "." in version or version not in DEFAULT_MINOR else f"{version}.{DEFAULT_MINOR[version]}"


@setting("dbInstance")
def set_instance(value: dict[str, Any]) -> None:
    """{"identifier": i, "status": s}: from now on the instance is in this state; status null: the true one again."""
    STATE["rds"].setdefault("status", {})[value["identifier"]] = value["status"]


@repair(
    "rds",
    "CreateDBInstance",
    "is not available at once; a major version becomes a full one; the secret names the master user",
    API + "CreateDBInstance.html",
)
def create_db_instance(call: Call) -> Any:
    params = dict(call.params)
    groups = params.get("VpcSecurityGroupIds", [])
    known = call.ask("ec2", "DescribeSecurityGroups", {})["SecurityGroups"]
    if unknown := set(groups) - {group["GroupId"] for group in known}:
        raise AwsError("InvalidParameterValue", f"Invalid security group , groupId= {sorted(unknown)[0]}, groupName=.")
    if params.get("EngineVersion"):
        params["EngineVersion"] = full_version(params["EngineVersion"])
    result = call.moto(params)
    database = call.backend().databases[params["DBInstanceIdentifier"].lower()]
    # moto gives the same resource id to all instances.
    database.dbi_resource_id = result["DBInstance"]["DbiResourceId"] = "db-" + secrets.token_hex(13).upper()
    if params.get("ManageMasterUserPassword"):
        fill_secret(database.master_user_secret.secret, params["MasterUsername"])
    call.state.setdefault("new", set()).add(database.db_instance_identifier)
    dues(call)[database.db_instance_identifier] = pace.due("db-instance")
    return {"DBInstance": shown(call, result["DBInstance"])}


def fill_secret(secret: Any, username: str) -> None:
    """The password has what a URL must encode, and RDS allows all but / @ " and space."""
    version = secret.versions[secret.default_version_id]
    value = json.dumps({"username": username, "password": f"{secrets.token_urlsafe(12)}#?%&:+[]"})
    version["secret_string"] = secret.secret_string = value
    secret.rotation_requested = secret.rotation_enabled = True
    secret.auto_rotate_after_days = 7


def dues(call: Call) -> dict[str, float | None]:
    """When what goes on with an instance will be over, by its name."""
    return call.state.setdefault("due", {})


def shown(call: Call, instance: dict[str, Any]) -> dict[str, Any]:
    """A new instance has no address yet."""
    name = instance["DBInstanceIdentifier"]
    if status := call.state.get("status", {}).get(name):
        instance["DBInstanceStatus"] = status
    elif name in call.state.get("new", ()):
        instance["DBInstanceStatus"] = "creating"
        instance.pop("Endpoint", None)
    if pending := call.state.get("pending", {}).get(name):
        instance["PendingModifiedValues"] = {DEFERRED[key]: value for key, value in pending.items()}
    return instance


@repair(
    "rds",
    "DescribeDBInstances",
    "shows instances on their way in, through a change and out",
    GUIDE + "accessing-monitoring.html",
)
def describe_db_instances(call: Call) -> Any:
    wanted = call.params.get("DBInstanceIdentifier")
    for name in [name for name, due in dues(call).items() if due is not None and pace.is_over(due)]:
        go_on(call, name)
    leaving = call.state.get("leaving", {})
    ghosts = [ghost for name, ghost in leaving.items() if wanted in (None, name)]
    try:
        result = call.moto()
    except AwsError:
        if not ghosts:
            raise
        result = {"DBInstances": []}
    names = {instance["DBInstanceIdentifier"] for instance in result.get("DBInstances", [])}
    result["DBInstances"] = [
        *[shown(call, instance) for instance in result.get("DBInstances", [])],
        *[ghost for ghost in ghosts if ghost["DBInstanceIdentifier"] not in names],
    ]
    # What takes no time goes on with every look: whoever looks again sees the next step.
    for name in {*names, *(ghost["DBInstanceIdentifier"] for ghost in ghosts)}:
        if dues(call).get(name) is None:
            go_on(call, name)
    return result


def go_on(call: Call, name: str) -> None:
    """The next step of an instance: it is made, changed or gone."""
    dues(call).pop(name, None)
    call.state.get("leaving", {}).pop(name, None)
    call.state.get("new", set()).discard(name)
    if name in call.state.get("now", set()):
        call.state["now"].discard(name)
        apply_pending(call, name)


def apply_pending(call: Call, name: str) -> None:
    pending = call.state.get("pending", {}).pop(name, {})
    database = call.backend().databases[name]
    for key, value in pending.items():
        setattr(database, RENAMED.get(key, snake(key)), value)


def snake(key: str) -> str:
    names = {"DBInstanceClass": "db_instance_class", "MultiAZ": "multi_az"}
    if key in names:
        return names[key]
    if key == "EnableIAMDatabaseAuthentication":
        return "enable_iam_database_authentication"
    return "".join("_" + c.lower() if c.isupper() else c for c in key).lstrip("_")


@repair(
    "rds",
    "ModifyDBInstance",
    "defers what AWS defers; refuses to shrink storage, downgrade, and to change a busy or stopped instance",
    API + "ModifyDBInstance.html",
)
def modify_db_instance(call: Call) -> Any:
    params = dict(call.params)
    name = params["DBInstanceIdentifier"].lower()
    database = call.backend().databases.get(name)
    if database is None:
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.")
    status = call.state.get("status", {}).get(name)
    if status not in (None, "available", "storage-full", "storage-optimization"):
        raise AwsError("InvalidDBInstanceState", f"Database instance is not in available state: {status}")
    storage = params.get("AllocatedStorage")
    if storage is not None and storage < database.allocated_storage:
        raise AwsError(
            "InvalidParameterCombination", "Allocated storage can not be less than the current allocated storage"
        )
    version = params.get("EngineVersion")
    if version:
        major, now = version.split(".")[0], database.engine_version.split(".")
        if major != now[0] and not params.get("AllowMajorVersionUpgrade"):
            raise AwsError(
                "InvalidParameterCombination",
                "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
            )
        version = database.engine_version if version == now[0] else full_version(version)
        if [int(x) for x in version.split(".")] < [int(x) for x in now]:
            raise AwsError(
                "InvalidParameterCombination", f"Cannot upgrade postgres from {database.engine_version} to {version}"
            )
        params["EngineVersion"] = version
    if hasattr(database, "master_user_secret") and params.get("ManageMasterUserPassword"):
        params.pop("ManageMasterUserPassword")
    deferred = {key: params.pop(key) for key in DEFERRED if key in params}
    result = call.moto(params)
    if params.get("ManageMasterUserPassword"):
        fill_secret(database.master_user_secret.secret, database.master_username)
    current = {key: getattr(database, RENAMED.get(key, snake(key)), None) for key in deferred}
    pending = call.state.setdefault("pending", {}).setdefault(name, {})
    pending.update(deferred)
    # Asking for the value that is in force takes a pending change back.
    for key in [key for key, value in deferred.items() if value == current[key]]:
        pending.pop(key)
    if call.params.get("ApplyImmediately") and pending:
        call.state.setdefault("now", set()).add(name)
        dues(call)[name] = pace.due("db-instance-change")
    return {"DBInstance": shown(call, result["DBInstance"])}


@repair(
    "rds",
    "DeleteDBInstance",
    "takes its time; needs a final snapshot or the word that none is wanted",
    API + "DeleteDBInstance.html",
)
def delete_db_instance(call: Call) -> Any:
    params = call.params
    name = params["DBInstanceIdentifier"].lower()
    if bool(params.get("SkipFinalSnapshot")) == bool(params.get("FinalDBSnapshotIdentifier")):
        raise AwsError(
            "InvalidParameterCombination",
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        )
    status = call.state.get("status", {}).get(name)
    if status in ("failed", "incompatible-restore", "incompatible-network") and not params.get("SkipFinalSnapshot"):
        raise AwsError(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {name} is in state {status}.",
        )
    result = call.moto()
    ghost = copy.deepcopy(result["DBInstance"])
    ghost["DBInstanceStatus"] = "deleting"
    call.state.setdefault("leaving", {})[name] = ghost
    dues(call)[name] = pace.due("db-instance-gone")
    for fact in ("status", "pending"):
        call.state.get(fact, {}).pop(name, None)
    for fact in ("new", "now"):
        call.state.get(fact, set()).discard(name)
    return {"DBInstance": ghost}


@repair("rds", "StartDBInstance", "ends a stop that was set from outside", API + "StartDBInstance.html")
def start_db_instance(call: Call) -> Any:
    name = call.params["DBInstanceIdentifier"].lower()
    if call.state.get("status", {}).get(name) != "stopped":
        return call.moto()
    call.state["status"].pop(name)
    return {"DBInstance": call.ask("rds", "DescribeDBInstances", {"DBInstanceIdentifier": name})["DBInstances"][0]}


@repair(
    "rds",
    "CreateDBSubnetGroup",
    "a name is taken once, and two Availability Zones are needed",
    API + "CreateDBSubnetGroup.html",
)
def create_db_subnet_group(call: Call) -> Any:
    name = call.params["DBSubnetGroupName"].lower()
    if name in call.backend().subnet_groups:
        raise AwsError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")
    check_zones(call)
    return call.moto()


@repair(
    "rds",
    "ModifyDBSubnetGroup",
    "two Availability Zones are needed; an unknown group is not found",
    API + "ModifyDBSubnetGroup.html",
)
def modify_db_subnet_group(call: Call) -> Any:
    name = call.params["DBSubnetGroupName"].lower()
    if name not in call.backend().subnet_groups:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' not found.")
    check_zones(call)
    group = call.backend().subnet_groups[name]
    result = call.moto()
    # moto takes the group out of its store and does not put it back.
    call.backend().subnet_groups[name] = group
    return result


def check_zones(call: Call) -> None:
    ids = call.params.get("SubnetIds", [])
    found = [one for one in call.ask("ec2", "DescribeSubnets", {})["Subnets"] if one["SubnetId"] in ids]
    if len(found) < len(set(ids)):
        raise AwsError("InvalidSubnet", "Some input subnets are invalid.")
    if len({one["AvailabilityZone"] for one in found}) < 2:
        raise AwsError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Add subnets to cover at least 2 AZs.",
        )


@repair("rds", "DeleteDBSubnetGroup", "refuses while an instance uses it", API + "DeleteDBSubnetGroup.html")
def delete_db_subnet_group(call: Call) -> Any:
    name = call.params["DBSubnetGroupName"].lower()
    users = [
        one.db_instance_identifier
        for one in call.backend().databases.values()
        if getattr(one, "_db_subnet_group_name", None) == name
    ]
    if users:
        raise AwsError(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{name}' because at least one database instance: {users[0]} is still using it.",
        )
    return call.moto()
