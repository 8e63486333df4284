using System.Net;
using System.Net.Sockets;
using Qanat.Cli.Doctor.Facts;
using Qanat.Linux.Devices;

namespace Qanat.Cli.Doctor.Checks;

/// <summary>Whether a program holds each TUN and TAP device, reads from it, and is alone in that.</summary>
internal sealed class HolderCheck : ICheck
{
    private const string NoCarrier = "with no carrier the kernel drops what is sent into it, and tcpdump shows nothing";

    public string Name => "holders";

    public string Healthy => "a program holds each TUN and TAP device that is up, and reads from it";

    public IEnumerable<Finding> Examine(Machine machine)
    {
        foreach (var device in machine.Devices.Where(device => device.IsTun))
            foreach (var finding in device.HasCarrier ? Held(device) : Alone(machine, device))
                yield return finding.About(device.Name);
    }

    private static IEnumerable<Finding> Alone(Machine machine, Device device)
    {
        if (device.Holders is [var holder, ..])
            yield return Finding.Blocks("carrier-off",
                    $"{device.Name} has no carrier, though {Describe(holder)} holds it: the program has switched it off (TUNSETCARRIER)",
                    NoCarrier)
                .ToDo($"have {holder.Program} switch it on; a virtual machine does so when its network card is up");
        else if (machine.TunnelOf(device.Index) is { IsOurs: true })
            yield break; // it is the daemon that is missing, and another check that says so
        else if (device.Link.IsUp)
            yield return Finding.Blocks("no-program", $"no program holds {device.Name}", NoCarrier)
                .ToDo(
                    $"qanat echo dev {device.Name} address {Neighbour(device)}, to have something answer there",
                    "start the program whose device it is (a VPN, a virtual machine), in this network namespace");
        else if (!device.IsAddressed && device.Link.Master == 0 && device.Link.Tun is { Persistent: true } tun)
            yield return Finding.Note("left-over",
                    $"{device.Name} is persistent, down and without address, and no program holds it",
                    "it may be left over from a program that has ended")
                .ToDo($"qanat tuntap del dev {device.Name} mode {(tun.Tap ? "tap" : "tun")}{(tun.MultiQueue ? " multi_queue" : "")}");
    }

    private static IEnumerable<Finding> Held(Device device)
    {
        var (tun, dropped) = (device.Link.Tun, device.Link.Statistics.TxDropped);
        if (device.Holders.Count > 1 && tun is not { MultiQueue: true })
            yield return Finding.Warning("held-twice",
                    $"{device.Name} has one queue, and several processes hold it: {string.Join(", ", device.Holders.Select(Describe))}",
                    "a packet goes to whichever reads first")
                .ToDo("end the process that is not to read; it is often a child that inherited the descriptor");
        if (tun is { MultiQueue: true, DisabledQueues: > 0 and var disabled })
            yield return Finding.Note("queues-off",
                    $"{disabled} of {device.Name}'s {tun.Queues + disabled} queues are switched off",
                    "they receive nothing")
                .ToDo("have the program that holds them attach them again (TUNSETQUEUE)");
        if (device.DroppedMeanwhile > 0)
            yield return Finding.Warning("not-read",
                    $"{device.Name} has dropped {dropped} packets, {device.DroppedMeanwhile} of them in this moment",
                    $"its queue is full, for {Reader(device)} does not read, or not fast enough")
                .ToDo(
                    device.Holders is [var holder, ..]
                        ? $"see whether it is stopped: grep State /proc/{holder.ProcessId}/status; kill -CONT {holder.ProcessId}"
                        : "see whether its program is stopped",
                    $"ip link set {device.Name} txqueuelen 5000");
        else if (dropped > 0)
            yield return Finding.Note("was-not-read",
                    $"{device.Name} has dropped {dropped} packets since it was made",
                    $"{Reader(device)} was not there, or did not read in time")
                .ToDo($"see whether it goes on: ip -s link show {device.Name}");
    }

    private static string Reader(Device device) => device.Holders is [var holder, ..] ? Describe(holder) : "the program that holds it";

    private static string Describe(TunHolder holder) => $"{holder.Program} (process {holder.ProcessId})";

    // The peer's address, or one beside the device's own, so that the example works as it stands.
    private static string Neighbour(Device device)
    {
        if (device.Configured(AddressFamily.InterNetwork).FirstOrDefault() is not { } own)
            return "10.18.0.3/24";
        if (own.Peer is { } peer)
            return $"{peer}/{own.PrefixLength}";
        var bytes = own.Address.GetAddressBytes();
        bytes[3] ^= (byte)((bytes[3] & 3) is 1 or 2 ? 3 : 1); // 1 and 2 are each other's neighbour, and so on; not the network's ends
        return $"{new IPAddress(bytes)}/{own.PrefixLength}";
    }
}
