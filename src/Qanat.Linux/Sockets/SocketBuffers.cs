using static Qanat.Linux.Interop.Socket;

namespace Qanat.Linux.Sockets;

/// <summary>How much a socket may queue inside the kernel.</summary>
internal static unsafe class SocketBuffers
{
    /// <summary>Sets both directions, past the system's limits where that is allowed, else as far as they go.</summary>
    public static void Set(int descriptor, int length)
    {
        if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &length, sizeof(int)) != 0)
            _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &length, sizeof(int));
        if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &length, sizeof(int)) != 0)
            _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &length, sizeof(int));
    }
}
