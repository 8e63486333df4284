using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.IfPacket;
using static Qanat.Linux.Interop.Mman;
using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>
/// The memory of a packet ring: frames of one size in blocks of one size, none across two blocks
/// (Documentation/networking/packet_mmap.rst).
/// </summary>
internal sealed unsafe class RingMemory : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int MinBlockLength = 1 << 16;

    private readonly int _blockLength;
    private readonly int _frameLength;
    private readonly int _framesPerBlock;
    private readonly int _blocks;

    private RingMemory(int frameLength, int frames)
        : base(ownsHandle: true)
    {
        _frameLength = (frameLength + TPACKET_ALIGNMENT - 1) & -TPACKET_ALIGNMENT;
        _blockLength = Math.Max(MinBlockLength, (int)BitOperations.RoundUpToPowerOf2((uint)_frameLength));
        _framesPerBlock = _blockLength / _frameLength;
        _blocks = (frames + _framesPerBlock - 1) / _framesPerBlock;
    }

    /// <summary>Frames in the ring.</summary>
    public int Frames => _framesPerBlock * _blocks;

    private nint Length => (nint)_blockLength * _blocks;

    /// <summary>Makes the ring of a packet socket and maps it.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="ring">Which of its rings: PACKET_TX_RING.</param>
    /// <param name="frameLength">Bytes of a frame at least, its header included.</param>
    /// <param name="frames">Frames at least.</param>
    /// <exception cref="LinuxException">ENOMEM: there is no memory in pieces so large.</exception>
    public static RingMemory Map(int descriptor, int ring, int frameLength, int frames)
    {
        var memory = new RingMemory(frameLength, frames);
        var request = new tpacket_req
        {
            tp_block_size = (uint)memory._blockLength,
            tp_block_nr = (uint)memory._blocks,
            tp_frame_size = (uint)memory._frameLength,
            tp_frame_nr = (uint)memory.Frames,
        };
        if (setsockopt(descriptor, SOL_PACKET, ring, &request, (uint)sizeof(tpacket_req)) != 0)
            throw new LinuxException("make a packet ring", Marshal.GetLastSystemError());
        var address = mmap(null, memory.Length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
        if (address == MAP_FAILED)
            throw new LinuxException("map a packet ring", Marshal.GetLastSystemError());
        memory.SetHandle((nint)address);
        return memory;
    }

    /// <summary>The header at the beginning of a frame.</summary>
    public tpacket2_hdr* Header(int frame) =>
        (tpacket2_hdr*)(handle + (nint)(frame / _framesPerBlock) * _blockLength + frame % _framesPerBlock * _frameLength);

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => munmap((void*)handle, Length) == 0;
}
