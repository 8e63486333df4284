using Qanat.Cli.Doctor.Facts;
using Qanat.Linux;
using Qanat.Linux.Privileges;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether /dev/net/tun opens, and what keeps it from it.</summary>
internal sealed class DeviceNodeCheck : ICheck
{
    private const string Why = "without it no program can make or hold a TUN or TAP device";
    private const string Path = DeviceNode.TunPath;
    private const string MakeNode = $"mknod {Path} c 10 200 && chmod 666 {Path}";
    private const string Make = $"mkdir -p /dev/net && {MakeNode}";
    private const string AsRoot = "run as root: sudo qanat ...";
    private const string ForContainer = $"start the container with: --device {Path}";

    public string Name => "device-node";

    public string Healthy => $"{Path} opens, and the kernel has the driver";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        if (Diagnose(machine) is { } finding)
            yield return finding;
    }

    private static Finding? Diagnose(Machine machine)
    {
        var facts = machine.Node;
        string[] container = machine.Rights.Container is null ? [] : [ForContainer];
        return facts.Node switch
        {
            { StatError: Errno.ENOENT } => Finding.Blocks("node-missing", $"{Path} is missing", Why)
                .ToDo([.. container, facts.DriverLoaded ? Make : $"modprobe tun; [ -c {Path} ] || {{ {Make}; }}"]),
            { StatError: not 0 and var error } =>
                Finding.Blocks("node-unusable", $"{Path} cannot be looked at: {Errno.Text(error)}", Why).ToDo(AsRoot),
            { IsTun: false } node => Finding.Blocks("node-wrong", $"{Path} is {WhatItIs(node)}", Why).ToDo($"rm -r {Path} && {MakeNode}"),
            { OpenError: 0 } => null,
            { OpenError: Errno.EPERM } => Cgroup(facts, container),
            { OpenError: Errno.EACCES } when facts.NoDevMount is { } mount =>
                Finding.Blocks("node-on-nodev", $"{Path} does not count, for {mount} is mounted with nodev", Why)
                    .ToDo($"mount -o remount,dev {mount}"),
            { OpenError: Errno.EACCES } node =>
                Finding.Blocks("node-forbidden", $"{Path} may not be opened by this user: its mode is {Octal(node.Mode)}", Why)
                    .ToDo(AsRoot, $"chmod 666 {Path}"),
            { OpenError: Errno.ENODEV or Errno.ENXIO } => Driver(machine),
            var node => Finding.Blocks("node-unusable", $"{Path} cannot be opened: {Errno.Text(node.OpenError)}", Why)
                .ToDo("see what the kernel and security modules say: dmesg | tail"),
        };
    }

    private static string WhatItIs(DeviceNode node) => node.IsCharacterDevice
        ? $"the node of another driver: {node.Major}, {node.Minor} instead of 10, 200"
        : "no character device";

    private static Finding Cgroup(NodeFacts facts, string[] container)
    {
        // A group that may use all devices but a few is listed as one that may use all.
        var rules = facts.AllowedDevices is { Length: > 0 } allowed && !allowed.StartsWith('a') ? $" (it allows {allowed})" : "";
        return Finding.Blocks("node-cgroup", $"the device cgroup forbids {Path}, whatever its mode is{rules}", Why).ToDo(
        [
            .. container,
            facts.DeviceGroup is { } group
                ? $"echo 'c 10:200 rwm' > {group}/devices.allow"
                : $"for a service: systemctl set-property UNIT DeviceAllow='{Path} rw'",
        ]);
    }

    private static Finding Driver(Machine machine)
    {
        var finding = Finding.Blocks("driver-missing", $"{Path} is there, but the kernel has no TUN driver", Why);
        return machine.Kernel.Lacks("TUN")
            ? finding.ToDo($"boot a kernel with CONFIG_TUN: {machine.Kernel.Release} was built without it")
            : machine.Node.ModuleInstalled is false
                ? finding.ToDo("install the rest of the kernel's modules: apt-get install linux-modules-extra-$(uname -r)", "modprobe tun")
                : finding.ToDo(machine.Rights.Container is null ? "modprobe tun" : "on the host of the container: modprobe tun");
    }

    private static string Octal(int mode) => Convert.ToString(mode, 8).PadLeft(4, '0');
}
