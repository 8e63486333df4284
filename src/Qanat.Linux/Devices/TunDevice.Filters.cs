using System.Runtime.InteropServices;
using Qanat.Linux.Ports;
using Qanat.Packets;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.IfTun;

namespace Qanat.Linux.Devices;

/// <summary>An instruction of the classic BPF machine (linux/filter.h, <c>struct sock_filter</c>).</summary>
/// <param name="Code">What it does.</param>
/// <param name="JumpTrue">Instructions to skip when a condition holds.</param>
/// <param name="JumpFalse">Instructions to skip when it does not.</param>
/// <param name="Value">Its operand.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct FilterInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value);

/// <content>Programs and lists in the kernel that choose which packets are received here, and in which queue.</content>
public sealed unsafe partial class TunDevice
{
    private const int MaxInstructions = 4096; // BPF_MAXINSNS

    /// <summary>
    /// Lets a TAP's readers see only the frames that a classic BPF program accepts; it sees them from the Ethernet header on.
    /// It holds for every queue, until <see cref="DetachFilter"/>.
    /// </summary>
    /// <exception cref="LinuxException">EINVAL: the program is wrong, or the device is a TUN.</exception>
    public void AttachFilter(ReadOnlySpan<FilterInstruction> program)
    {
        if (program.Length is 0 or > MaxInstructions)
            throw new ArgumentException($"A program has 1 to {MaxInstructions} instructions.", nameof(program));
        fixed (FilterInstruction* first = program)
        {
            var bytecode = new sock_fprog { len = (ushort)program.Length, filter = (sock_filter*)first };
            Control("attach the filter", TUNATTACHFILTER, &bytecode);
        }
    }

    /// <summary>Takes the classic filter of a TAP away, if there is one.</summary>
    /// <exception cref="LinuxException">EINVAL: the device is a TUN.</exception>
    public void DetachFilter()
    {
        sock_fprog none = default;
        Control("detach the filter", TUNDETACHFILTER, &none);
    }

    /// <summary>
    /// Lets an eBPF program decide how much of each packet is received: bytes to keep, 0 to drop it. Its type is
    /// BPF_PROG_TYPE_SOCKET_FILTER (TUNSETFILTEREBPF, Linux 4.16).
    /// </summary>
    /// <param name="program">The program's descriptor; null takes the last one away.</param>
    /// <exception cref="LinuxException">EINVAL or EBADF: it is no such program.</exception>
    public void SetFilterProgram(SafeHandle? program) => SetProgram("set the filter program", TUNSETFILTEREBPF, program);

    /// <summary>
    /// Lets an eBPF program choose the queue of each packet: what it returns, modulo the number of queues. Its type is
    /// BPF_PROG_TYPE_SOCKET_FILTER (TUNSETSTEERINGEBPF, Linux 4.16).
    /// </summary>
    /// <param name="program">The program's descriptor; null gives the choice back to the kernel.</param>
    /// <exception cref="LinuxException">EINVAL or EBADF: it is no such program.</exception>
    public void SetSteeringProgram(SafeHandle? program) => SetProgram("set the steering program", TUNSETSTEERINGEBPF, program);

    /// <summary>
    /// Lets a TAP's readers see only frames to these addresses, and broadcasts; an empty list lets them see all. The first
    /// eight match exactly; those after them must be groups' addresses, and match by a hash.
    /// </summary>
    /// <param name="addresses">Destinations to let through.</param>
    /// <param name="allMulticast">True to let every multicast through besides.</param>
    /// <exception cref="LinuxException">EINVAL: the device is a TUN.</exception>
    public void SetTransmitFilter(ReadOnlySpan<MacAddress> addresses, bool allMulticast = false)
    {
        if (addresses.Length > ushort.MaxValue)
            throw new ArgumentException($"A filter has at most {ushort.MaxValue} addresses.", nameof(addresses));
        var filter = new byte[sizeof(tun_filter) + addresses.Length * MacAddress.Size];
        var flags = allMulticast ? TUN_FLT_ALLMULTI : (ushort)0;
        MemoryMarshal.Write(filter, new tun_filter { flags = flags, count = (ushort)addresses.Length });
        for (var i = 0; i < addresses.Length; i++)
            addresses[i].Write(filter.AsSpan(sizeof(tun_filter) + i * MacAddress.Size));
        fixed (byte* first = filter)
            Control("set the transmit filter", TUNSETTXFILTER, first);
    }

    private void SetProgram(string operation, nuint request, SafeHandle? program)
    {
        var descriptor = -1;
        if (program is null)
        {
            Control(operation, request, &descriptor);
            return;
        }

        using var lease = new DescriptorLease(program);
        descriptor = lease.Descriptor;
        Control(operation, request, &descriptor);
    }
}
