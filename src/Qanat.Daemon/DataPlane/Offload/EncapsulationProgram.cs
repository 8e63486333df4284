using Qanat.Linux.Bpf;
using Qanat.Packets;
using Qanat.Tunnels;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>
/// The program at the way out of a tunnel's device: it puts the plan's headers in front of each packet, super-packets as they are,
/// and sends it on by the underlay. What it cannot do it leaves alone, so that it comes to the daemon.
/// </summary>
/// <remarks>
/// The headers are made on the stack, from their image; they begin at an offset at which the outer IP header is aligned:
/// <code>
/// | Ethernet 14 | IPv4 20 | UDP 8, GRE 4 or 8, GUE 4, VXLAN 8 ... | inner Ethernet 14 |
/// </code>
/// R6 is the packet, R7 the inner TOS, R8 the inner TTL, R9 the inner length.
/// </remarks>
internal sealed class EncapsulationProgram
{
    private const int Ethernet = EthernetHeader.MinSize;

    // Below the frame pointer.
    private const int Headers = -82, Ip = Headers + Ethernet, Slot = -88, Segments = -92;

    private readonly BpfAssembler _code = new();
    private readonly BpfLabel _pass, _inner;
    private readonly OffloadPlan _plan;
    private readonly int _network; // where the inner IP header begins

    private EncapsulationProgram(OffloadPlan plan)
    {
        _plan = plan;
        _network = plan.CarriesFrames ? Ethernet : 0;
        (_pass, _inner) = (_code.Label(), _code.Label());
    }

    /// <summary>Assembles it.</summary>
    /// <param name="plan">The tunnel's plan.</param>
    /// <param name="counters">The counters.</param>
    /// <param name="slot">The tunnel's row of them.</param>
    public static BpfAssembler Assemble(OffloadPlan plan, BpfMap counters, uint slot)
    {
        var program = new EncapsulationProgram(plan);
        program.Write(counters, slot);
        return program._code;
    }

    private void Write(BpfMap counters, uint slot)
    {
        _code.Move(R6, R1);
        CheckLength();
        Distinguish();
        _code.Mark(_inner);
        WriteIp();
        if (_plan.IsOverUdp)
            WriteUdp();
        WriteIpChecksum();
        Push();
        Count(counters, slot);
        Redirect();
        _code.Mark(_pass);
        _code.Move(R0, SkBuff.Next);
        _code.Exit();
    }

    // One that is larger than the device allows is answered by the daemon.
    private void CheckLength()
    {
        var super = _code.Label();
        _code.Load(BpfSize.Word, R9, R6, SkBuff.Length);
        _code.JumpIf(BpfCondition.Above, R9, ushort.MaxValue - HeadersLength, _pass);
        _code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSize);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, super);
        _code.JumpIf(BpfCondition.Above, R9, _plan.MaxLength, _pass);
        _code.Mark(super);
        _code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSegments);
        _code.Store(BpfSize.Word, R10, Segments, R2);
        if (_plan.CarriesFrames)
        {
            _code.Load(BpfSize.Word, R2, R6, SkBuff.VlanPresent);
            _code.JumpIf(BpfCondition.NotEqual, R2, 0, _pass);
        }
    }

    private void Distinguish()
    {
        var (ipv4, ipv6) = (_code.Label(), _code.Label());
        _code.Load(BpfSize.Word, R2, R6, SkBuff.Protocol);
        if (!_plan.HeadersOfIPv4.Bytes.IsEmpty)
            _code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4), ipv4);
        if (!_plan.HeadersOfIPv6.Bytes.IsEmpty)
            _code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv6), ipv6);
        _code.Jump(_pass);
        if (!_plan.HeadersOfIPv4.Bytes.IsEmpty)
        {
            _code.Mark(ipv4);
            ReadIPv4();
            _code.Jump(_inner);
        }
        if (!_plan.HeadersOfIPv6.Bytes.IsEmpty)
        {
            _code.Mark(ipv6);
            ReadIPv6();
        }
    }

    private void ReadIPv4()
    {
        PointToInner(IPv4Header.MinSize, version: 4);
        WriteImage(_plan.HeadersOfIPv4);
        _code.Load(BpfSize.Byte, R7, R2, _network + 1);
        _code.Load(BpfSize.Byte, R8, R2, _network + 8);
        if (!_plan.InheritsDf)
            return;
        _code.Load(BpfSize.Half, R3, R2, _network + 6);
        _code.Compute(BpfOperation.And, R3, OffloadMaps.NetworkOrder(0x4000));
        _code.Store(BpfSize.Half, R10, Ip + 6, R3);
    }

    private void ReadIPv6()
    {
        PointToInner(IPv6Header.Size, version: 6);
        WriteImage(_plan.HeadersOfIPv6);
        _code.Load(BpfSize.Half, R7, R2, _network);
        _code.ToBigEndian(R7, BpfSize.Half);
        _code.Compute(BpfOperation.ShiftRight, R7, 4);
        _code.Compute(BpfOperation.And, R7, 0xFF);
        _code.Load(BpfSize.Byte, R8, R2, _network + 7);
    }

    // R2 is the first byte of the packet afterwards.
    private void PointToInner(int length, int version)
    {
        _code.Move(R1, R6);
        _code.Move(R2, _network + length);
        _code.Call(SkBuff.PullData);
        _code.JumpIf(BpfCondition.NotEqual, R0, 0, _pass);
        _code.Load(BpfSize.Word, R2, R6, SkBuff.Data);
        _code.Load(BpfSize.Word, R3, R6, SkBuff.DataEnd);
        _code.Move(R4, R2);
        _code.Compute(BpfOperation.Add, R4, _network + length);
        _code.JumpIf(BpfCondition.Above, R4, R3, _pass);
        _code.Load(BpfSize.Byte, R3, R2, _network);
        _code.Compute(BpfOperation.ShiftRight, R3, 4);
        _code.JumpIf(BpfCondition.NotEqual, R3, version, _pass);
    }

    private void WriteImage(HeaderImage image)
    {
        for (var i = 0; i < Ethernet - 2; i += 2)
            _code.Store(BpfSize.Half, R10, Headers + i, 0);
        _code.Store(BpfSize.Half, R10, Headers + Ethernet - 2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4));
        var bytes = image.Bytes.Span;
        for (var i = 0; i < bytes.Length; i += 2)
            _code.Store(BpfSize.Half, R10, Ip + i, BitConverter.ToUInt16(bytes[i..]));
        for (var i = 0; i < _network; i += 2)
        {
            _code.Load(BpfSize.Half, R3, R2, i);
            _code.Store(BpfSize.Half, R10, Ip + bytes.Length + i, R3);
        }
    }

    private void WriteIp()
    {
        // ECN is the inner packet's, but congestion met inside is not the outer path's (RFC 6040, 4.1).
        var notCongested = _code.Label();
        _code.Move(R2, R7);
        _code.Compute(BpfOperation.And, R2, EcnPropagation.Mask);
        _code.JumpIf(BpfCondition.NotEqual, R2, (int)Ecn.Ce, notCongested);
        _code.Move(R2, (int)Ecn.Ect0);
        _code.Mark(notCongested);
        if (_plan.InheritsTos)
            _code.Compute(BpfOperation.And, R7, ~EcnPropagation.Mask);
        else
            _code.Move(R7, Image[1] & ~EcnPropagation.Mask);
        _code.Compute(BpfOperation.Or, R7, R2);
        _code.Store(BpfSize.Byte, R10, Ip + 1, R7);
        if (_plan.InheritsTtl)
            _code.Store(BpfSize.Byte, R10, Ip + 8, R8);

        _code.Move(R2, R9);
        _code.Compute(BpfOperation.Add, R2, HeadersLength);
        _code.ToBigEndian(R2, BpfSize.Half);
        _code.Store(BpfSize.Half, R10, Ip + 2, R2);
        _code.Call(SkBuff.RandomNumber);
        _code.Store(BpfSize.Half, R10, Ip + 4, R0);
    }

    private void WriteUdp()
    {
        const int Udp = Ip + IPv4Header.MinSize;
        var (min, max) = _plan.SourcePorts;
        if (min != max)
        {
            _code.Move(R1, R6);
            _code.Call(SkBuff.GetHash);
            _code.Compute(BpfOperation.Multiply, R0, max - min + 1);
            _code.Compute(BpfOperation.ShiftRight, R0, 32);
            _code.Compute(BpfOperation.Add, R0, min);
            _code.ToBigEndian(R0, BpfSize.Half);
            _code.Store(BpfSize.Half, R10, Udp, R0);
        }
        _code.Move(R2, R9);
        _code.Compute(BpfOperation.Add, R2, HeadersLength - IPv4Header.MinSize);
        _code.ToBigEndian(R2, BpfSize.Half);
        _code.Store(BpfSize.Half, R10, Udp + 4, R2);
        _code.Store(BpfSize.Half, R10, Udp + 6, 0); // VXLAN's should be none (RFC 7348, 5); foo over UDP has one only if asked for
    }

    private void WriteIpChecksum()
    {
        Checksums.SumHeader(_code, R2, R10, Ip);
        _code.Compute(BpfOperation.Xor, R2, 0xFFFF);
        _code.Store(BpfSize.Half, R10, Ip + 10, R2);
    }

    // Room first, for that may fail: with a packet that is in a tunnel already. What fails after it cannot go on.
    private void Push()
    {
        var (gone, made) = (_code.Label(), _code.Label());
        _code.Move(R1, R6);
        _code.Move(R2, Room);
        _code.Move(R3, SkBuff.AfterMac);
        _code.MoveWide(R4, RoomFlags);
        _code.Call(SkBuff.AdjustRoom);
        _code.JumpIf(BpfCondition.NotEqual, R0, 0, _pass);
        if (!_plan.CarriesFrames)
        {
            _code.Move(R1, R6);
            _code.Move(R2, Ethernet);
            _code.Move(R3, 0);
            _code.Call(SkBuff.ChangeHead);
            _code.JumpIf(BpfCondition.NotEqual, R0, 0, gone);
        }
        _code.Move(R1, R6);
        _code.Move(R2, 0);
        _code.Move(R3, R10);
        _code.Compute(BpfOperation.Add, R3, Headers);
        _code.Move(R4, Ethernet + Room);
        _code.Move(R5, 0);
        _code.Call(SkBuff.StoreBytes);
        _code.JumpIf(BpfCondition.Equal, R0, 0, made);
        _code.Mark(gone);
        _code.Move(R0, SkBuff.Drop);
        _code.Exit();
        _code.Mark(made);
    }

    private void Redirect()
    {
        _code.Move(R1, _plan.Underlay);
        _code.Move(R2, 0);
        _code.Move(R3, 0);
        _code.Move(R4, 0);
        _code.Call(SkBuff.RedirectNeighbour);
        _code.Exit();
    }

    private void Count(BpfMap counters, uint slot)
    {
        var (none, counted) = (_code.Label(), _code.Label());
        _code.Store(BpfSize.Word, R10, Slot, (int)slot);
        _code.LoadMap(R1, counters);
        _code.Move(R2, R10);
        _code.Compute(BpfOperation.Add, R2, Slot);
        _code.Call(SkBuff.MapLookup);
        _code.JumpIf(BpfCondition.Equal, R0, 0, none);
        _code.Load(BpfSize.Word, R2, R10, Segments);
        _code.JumpIf(BpfCondition.NotEqual, R2, 0, counted);
        _code.Move(R2, 1);
        _code.Mark(counted);
        _code.AtomicAdd(BpfSize.Double, R0, CounterRow.TxPackets, R2);
        _code.AtomicAdd(BpfSize.Double, R0, CounterRow.TxBytes, R9);
        _code.Mark(none);
    }

    private ReadOnlySpan<byte> Image => (_plan.HeadersOfIPv4.Bytes.IsEmpty ? _plan.HeadersOfIPv6 : _plan.HeadersOfIPv4).Bytes.Span;

    /// <summary>Bytes in front of what the device handed over, from the outer IP header on.</summary>
    private int HeadersLength => Image.Length;

    /// <summary>Bytes between the Ethernet header and the inner IP header.</summary>
    private int Room => HeadersLength + _network;

    private ulong RoomFlags => SkBuff.FixedGso | SkBuff.EncapIPv4 |
        (_plan.IsOverUdp ? SkBuff.EncapUdp : Image[9] == (byte)IpProtocol.Gre ? SkBuff.EncapGre : 0) |
        (_plan.CarriesFrames ? SkBuff.EncapEthernet | SkBuff.EncapLink(Ethernet) : 0);
}
