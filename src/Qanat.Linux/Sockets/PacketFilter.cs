using System.Runtime.InteropServices;
using Qanat.Packets;
using static Qanat.Linux.Interop.Filter;
using static Qanat.Linux.Interop.Pcap;

namespace Qanat.Linux.Sockets;

/// <summary>
/// A filter in the words of tcpdump (pcap-filter(7)), compiled by libpcap, which is looked for when the first one is made.
/// </summary>
public sealed unsafe class PacketFilter : IDisposable
{
    private const int MaxSnapLength = 262_144;

    private readonly Lock _gate = new();
    private bpf_program* _program;

    /// <summary>Compiles an expression.</summary>
    /// <param name="expression">The words; none let everything through.</param>
    /// <param name="link">What packets begin with.</param>
    /// <exception cref="FormatException">The expression makes no sense; the text is libpcap's.</exception>
    /// <exception cref="LinuxException">ENOMEM.</exception>
    /// <exception cref="DllNotFoundException">libpcap is not installed.</exception>
    public PacketFilter(string expression, CaptureLinkType link)
    {
        ArgumentNullException.ThrowIfNull(expression);
        Expression = expression;
        var handle = pcap_open_dead(link == CaptureLinkType.Ethernet ? DLT_EN10MB : DLT_RAW, MaxSnapLength);
        if (handle == 0)
            throw new LinuxException("pcap_open_dead", Errno.ENOMEM);
        _program = (bpf_program*)NativeMemory.AllocZeroed((nuint)sizeof(bpf_program));
        if (pcap_compile(handle, _program, expression, optimize: 1, PCAP_NETMASK_UNKNOWN) != 0)
        {
            var reason = Marshal.PtrToStringUTF8((nint)pcap_geterr(handle));
            NativeMemory.Free(_program);
            pcap_close(handle);
            throw new FormatException(reason);
        }

        pcap_close(handle);
    }

    /// <summary>The expression.</summary>
    public string Expression { get; }

    /// <summary>True when the expression accepts a packet.</summary>
    /// <param name="packet">Its bytes, as many as were kept.</param>
    /// <param name="originalLength">Its bytes on the wire.</param>
    public bool Accepts(ReadOnlySpan<byte> packet, int originalLength)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_program is null, this);
            var header = new pcap_pkthdr { caplen = (uint)packet.Length, len = (uint)originalLength };
            fixed (byte* bytes = packet)
                return pcap_offline_filter(_program, &header, bytes) != 0;
        }
    }

    /// <summary>The program, for a socket of the kernel's.</summary>
    internal sock_fprog Program => new() { len = (ushort)_program->bf_len, filter = _program->bf_insns };

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_program is null)
                return;
            pcap_freecode(_program);
            NativeMemory.Free(_program);
            _program = null;
        }
    }
}
