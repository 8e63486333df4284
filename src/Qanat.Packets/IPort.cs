namespace Qanat.Packets;

/// <summary>
/// Where packets enter and leave: a TUN or TAP device, a raw socket, memory. A port belongs to one worker; its calls
/// never block. Disposing it ends every wait on it at once.
/// </summary>
public interface IPort : IDisposable
{
    /// <summary>
    /// Appends the packets that wait to <paramref name="batch"/>, as many as fit. Returns how many; 0 when none waits.
    /// </summary>
    /// <exception cref="PortClosedException">The port is disposed, or what it stood on has gone.</exception>
    int Receive(PacketBatch batch);

    /// <summary>
    /// Sends the packets of <paramref name="batch"/> in order, and leaves the batch as it is. Returns how many were
    /// taken; those that were refused (no buffer, no route, too long) are lost, as on any wire.
    /// </summary>
    /// <exception cref="PortClosedException">The port is disposed, or what it stood on has gone.</exception>
    int Send(PacketBatch batch);
}

/// <summary>A port was used after it closed, or its device was deleted underneath it.</summary>
public sealed class PortClosedException : Exception
{
    /// <summary>Says that the port is closed.</summary>
    public PortClosedException() : this("The port is closed.") { }

    /// <summary>Says what closed.</summary>
    public PortClosedException(string message) : base(message) { }

    /// <summary>Says what closed, and why.</summary>
    public PortClosedException(string message, Exception innerException) : base(message, innerException) { }
}
