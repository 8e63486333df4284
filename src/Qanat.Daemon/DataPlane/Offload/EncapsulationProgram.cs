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
/// R7 is the inner TOS, R8 the inner TTL, R9 the inner length.
/// </remarks>
internal sealed class EncapsulationProgram : PacketProgram
{
    // Below the frame pointer.
    private const int Headers = -82, Ip = Headers + Ethernet, Slot = -88, Segments = -92;

    private readonly BpfLabel _inner;
    private readonly OffloadPlan _plan;
    private readonly int _network; // where the inner IP header begins

    private EncapsulationProgram(OffloadPlan plan)
    {
        _plan = plan;
        _network = plan.CarriesFrames ? Ethernet : 0;
        _inner = Code.Label();
    }

    /// <summary>Assembles it.</summary>
    /// <param name="plan">The tunnel's plan.</param>
    /// <param name="counters">The counters.</param>
    /// <param name="slot">The tunnel's row of them.</param>
    public static BpfAssembler Assemble(OffloadPlan plan, BpfMap counters, uint slot)
    {
        var program = new EncapsulationProgram(plan);
        program.Write(counters, slot);
        return program.Code;
    }

    private void Write(BpfMap counters, uint slot)
    {
        CheckLength();
        Distinguish();
        Code.Mark(_inner);
        WriteIp();
        if (_plan.IsOverUdp)
            WriteUdp();
        WriteIpChecksum();
        Push();
        Code.Store(BpfSize.Word, R10, Slot, (int)slot);
        Count(counters, Slot, Segments, CounterRow.TxPackets, CounterRow.TxBytes);
        Redirect();
        End();
    }

    // One that is larger than the device allows is answered by the daemon.
    private void CheckLength()
    {
        var super = Code.Label();
        Code.Load(BpfSize.Word, R9, R6, SkBuff.Length);
        Code.JumpIf(BpfCondition.Above, R9, ushort.MaxValue - HeadersLength, Pass);
        Code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSize);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, super);
        Code.JumpIf(BpfCondition.Above, R9, _plan.MaxLength, Pass);
        Code.Mark(super);
        Code.Load(BpfSize.Word, R2, R6, SkBuff.GsoSegments);
        Code.Store(BpfSize.Word, R10, Segments, R2);
        if (_plan.CarriesFrames)
        {
            Code.Load(BpfSize.Word, R2, R6, SkBuff.VlanPresent);
            Code.JumpIf(BpfCondition.NotEqual, R2, 0, Pass);
        }
    }

    private void Distinguish()
    {
        var (ipv4, ipv6) = (Code.Label(), Code.Label());
        Code.Load(BpfSize.Word, R2, R6, SkBuff.Protocol);
        if (!_plan.HeadersOfIPv4.Bytes.IsEmpty)
            Code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4), ipv4);
        if (!_plan.HeadersOfIPv6.Bytes.IsEmpty)
            Code.JumpIf(BpfCondition.Equal, R2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv6), ipv6);
        Code.Jump(Pass);
        if (!_plan.HeadersOfIPv4.Bytes.IsEmpty)
        {
            Code.Mark(ipv4);
            ReadIPv4();
            Code.Jump(_inner);
        }
        if (!_plan.HeadersOfIPv6.Bytes.IsEmpty)
        {
            Code.Mark(ipv6);
            ReadIPv6();
        }
    }

    private void ReadIPv4()
    {
        PointToInner(IPv4Header.MinSize, version: 4);
        WriteImage(_plan.HeadersOfIPv4);
        Code.Load(BpfSize.Byte, R7, R2, _network + 1);
        Code.Load(BpfSize.Byte, R8, R2, _network + 8);
        if (!_plan.InheritsDf)
            return;
        Code.Load(BpfSize.Half, R3, R2, _network + 6);
        Code.Compute(BpfOperation.And, R3, OffloadMaps.NetworkOrder(0x4000));
        Code.Store(BpfSize.Half, R10, Ip + 6, R3);
    }

    private void ReadIPv6()
    {
        PointToInner(IPv6Header.Size, version: 6);
        WriteImage(_plan.HeadersOfIPv6);
        Code.Load(BpfSize.Half, R7, R2, _network);
        Code.ToBigEndian(R7, BpfSize.Half);
        Code.Compute(BpfOperation.ShiftRight, R7, 4);
        Code.Compute(BpfOperation.And, R7, 0xFF);
        Code.Load(BpfSize.Byte, R8, R2, _network + 7);
    }

    // R2 is the first byte of the packet afterwards.
    private void PointToInner(int length, int version)
    {
        PullData(_network + length);
        Code.Load(BpfSize.Word, R2, R6, SkBuff.Data);
        Code.Load(BpfSize.Word, R3, R6, SkBuff.DataEnd);
        Code.Move(R4, R2);
        Code.Compute(BpfOperation.Add, R4, _network + length);
        Code.JumpIf(BpfCondition.Above, R4, R3, Pass);
        Code.Load(BpfSize.Byte, R3, R2, _network);
        Code.Compute(BpfOperation.ShiftRight, R3, 4);
        Code.JumpIf(BpfCondition.NotEqual, R3, version, Pass);
    }

    private void WriteImage(HeaderImage image)
    {
        for (var i = 0; i < Ethernet - 2; i += 2)
            Code.Store(BpfSize.Half, R10, Headers + i, 0);
        Code.Store(BpfSize.Half, R10, Headers + Ethernet - 2, OffloadMaps.NetworkOrder((ushort)EtherType.IPv4));
        var bytes = image.Bytes.Span;
        for (var i = 0; i < bytes.Length; i += 2)
            Code.Store(BpfSize.Half, R10, Ip + i, BitConverter.ToUInt16(bytes[i..]));
        for (var i = 0; i < _network; i += 2)
        {
            Code.Load(BpfSize.Half, R3, R2, i);
            Code.Store(BpfSize.Half, R10, Ip + bytes.Length + i, R3);
        }
    }

    private void WriteIp()
    {
        // ECN is the inner packet's, but congestion met inside is not the outer path's (RFC 6040, 4.1).
        var notCongested = Code.Label();
        Code.Move(R2, R7);
        Code.Compute(BpfOperation.And, R2, EcnPropagation.Mask);
        Code.JumpIf(BpfCondition.NotEqual, R2, (int)Ecn.Ce, notCongested);
        Code.Move(R2, (int)Ecn.Ect0);
        Code.Mark(notCongested);
        if (_plan.InheritsTos)
            Code.Compute(BpfOperation.And, R7, ~EcnPropagation.Mask);
        else
            Code.Move(R7, Image[1] & ~EcnPropagation.Mask);
        Code.Compute(BpfOperation.Or, R7, R2);
        Code.Store(BpfSize.Byte, R10, Ip + 1, R7);
        if (_plan.InheritsTtl)
            Code.Store(BpfSize.Byte, R10, Ip + 8, R8);

        Code.Move(R2, R9);
        Code.Compute(BpfOperation.Add, R2, HeadersLength);
        Code.ToBigEndian(R2, BpfSize.Half);
        Code.Store(BpfSize.Half, R10, Ip + 2, R2);
        Code.Call(SkBuff.RandomNumber);
        Code.Store(BpfSize.Half, R10, Ip + 4, R0);
    }

    private void WriteUdp()
    {
        const int Udp = Ip + IPv4Header.MinSize;
        var (min, max) = _plan.SourcePorts;
        if (min != max)
        {
            Code.Move(R1, R6);
            Code.Call(SkBuff.GetHash);
            Code.Compute(BpfOperation.Multiply, R0, max - min + 1);
            Code.Compute(BpfOperation.ShiftRight, R0, 32);
            Code.Compute(BpfOperation.Add, R0, min);
            Code.ToBigEndian(R0, BpfSize.Half);
            Code.Store(BpfSize.Half, R10, Udp, R0);
        }
        Code.Move(R2, R9);
        Code.Compute(BpfOperation.Add, R2, HeadersLength - IPv4Header.MinSize);
        Code.ToBigEndian(R2, BpfSize.Half);
        Code.Store(BpfSize.Half, R10, Udp + 4, R2);
        Code.Store(BpfSize.Half, R10, Udp + 6, 0); // VXLAN's should be none (RFC 7348, 5); foo over UDP has one only if asked for
    }

    private void WriteIpChecksum()
    {
        SumHeader(R2, R10, Ip);
        Code.Compute(BpfOperation.Xor, R2, 0xFFFF);
        Code.Store(BpfSize.Half, R10, Ip + 10, R2);
    }

    // Room first, for that may fail: with a packet that is in a tunnel already. What fails after it cannot go on.
    private void Push()
    {
        var (gone, made) = (Code.Label(), Code.Label());
        Code.Move(R2, Room);
        AdjustRoom(RoomFlags);
        if (!_plan.CarriesFrames)
        {
            Code.Move(R1, R6);
            Code.Move(R2, Ethernet);
            Code.Move(R3, 0);
            Code.Call(SkBuff.ChangeHead);
            Code.JumpIf(BpfCondition.NotEqual, R0, 0, gone);
        }
        StoreBytes(Headers, Ethernet + Room, gone);
        Code.Jump(made);
        Code.Mark(gone);
        Drop();
        Code.Mark(made);
    }

    private void Redirect()
    {
        Code.Move(R1, _plan.Underlay);
        Code.Move(R2, 0);
        Code.Move(R3, 0);
        Code.Move(R4, 0);
        Code.Call(SkBuff.RedirectNeighbour);
        Code.Exit();
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
