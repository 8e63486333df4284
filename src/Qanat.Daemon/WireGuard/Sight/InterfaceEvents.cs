using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>Hears what happens to an interface of another process.</summary>
/// <param name="sockets">Where it is.</param>
/// <param name="patience">How long it may take to begin, and to finish a line that it has begun.</param>
public sealed class InterfaceEvents(InterfaceSockets sockets, TimeSpan patience)
{
    private const int LongestLine = 16 * 1024;

    /// <summary>
    /// The events of an interface, until it ends, of which the last one tells: whoever was killed cannot say so itself.
    /// </summary>
    /// <param name="name">The interface.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="SilentInterfaceException">It does not tell.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<InterfaceEvent> ListenAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var socket = await BeginAsync(name, cancellation).ConfigureAwait(false);
        var input = new byte[LongestLine];
        var (used, heard, isDown) = (0, 0, false);
        while (await ReceiveAsync(socket, name, input.AsMemory(used), isPatient: heard > 0 && used == 0, cancellation)
                   .ConfigureAwait(false) is > 0 and var length)
        {
            used += length;
            for (int end; (end = input.AsSpan(0, used).IndexOf((byte)'\n')) >= 0; heard++)
            {
                var happened = Read(name, input.AsSpan(0, end));
                isDown = happened.Event == InterfaceEvent.Down || isDown && happened.Event != InterfaceEvent.Up;
                yield return happened;
                input.AsSpan(end + 1, used - end - 1).CopyTo(input);
                used -= end + 1;
            }
            if (used == input.Length)
                throw new SilentInterfaceException(name, Silence.Nonsense);
        }
        if (heard == 0)
            throw new SilentInterfaceException(name, Silence.NoEvents); // so others hang up on what they do not know
        if (!isDown)
            yield return new() { Time = TimeProvider.System.GetUtcNow(), Interface = name, Event = InterfaceEvent.Down };
    }

    private async Task<Socket> BeginAsync(string name, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            socket = await sockets.ConnectAsync(name, cancellation).ConfigureAwait(false);
            await socket.SendAsync("qanat_events=1\n\n"u8.ToArray(), cancellation).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException fault)
        {
            socket?.Dispose();
            throw new SilentInterfaceException(name, InterfaceSockets.SilenceOf(fault));
        }
    }

    // Zero when it has hung up.
    private async Task<int> ReceiveAsync(
        Socket socket, string name, Memory<byte> input, bool isPatient, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (!isPatient)
            end.CancelAfter(patience);
        try
        {
            return await socket.ReceiveAsync(input, end.Token).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return 0;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new SilentInterfaceException(name, Silence.NoAnswer);
        }
    }

    private static InterfaceEvent Read(string name, ReadOnlySpan<byte> line)
    {
        try
        {
            if (JsonSerializer.Deserialize(line, SightJson.Default.InterfaceEvent) is { } happened)
                return happened with { Interface = name };
        }
        catch (JsonException)
        {
        }
        throw new SilentInterfaceException(name, line.SequenceEqual("errno=-16"u8) ? Silence.Busy : Silence.Nonsense);
    }
}
