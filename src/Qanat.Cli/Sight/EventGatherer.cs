using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Qanat.Daemon.WireGuard.Sight;

namespace Qanat.Cli.Sight;

/// <summary>Gathers the events of interfaces, those that come later included.</summary>
/// <param name="interfaces">Where they are.</param>
/// <param name="complain">Hears why one does not tell that could, a line each.</param>
internal sealed class EventGatherer(InterfaceSockets interfaces, Action<string> complain)
{
    // As many as an interface keeps; then it is the interfaces that drop and count.
    private const int Waiting = 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5), s_look = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly InterfaceEvents _events = new(interfaces, s_patience);

    /// <summary>The events of one interface, until it ends.</summary>
    /// <exception cref="SilentInterfaceException">It does not tell.</exception>
    public IAsyncEnumerable<InterfaceEvent> ListenTo(string name, CancellationToken cancellation) =>
        _events.ListenAsync(name, cancellation);

    /// <summary>The events of all interfaces.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerable<InterfaceEvent> ListenToAll(
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var heard = Channel.CreateBounded<InterfaceEvent>(Waiting);
        var following = FollowAsync(heard.Writer, end.Token);
        try
        {
            await foreach (var happened in heard.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
                yield return happened;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(false);
        }
    }

    // A socket is tried once: a new one in its place has another time.
    private async Task FollowAsync(ChannelWriter<InterfaceEvent> heard, CancellationToken cancellation)
    {
        var tried = new Dictionary<string, DateTime>();
        List<Task> listening = [];
        using var timer = new PeriodicTimer(s_look);
        try
        {
            do
            {
                listening.RemoveAll(task => task.IsCompleted);
                foreach (var name in interfaces.Names)
                {
                    var made = File.GetLastWriteTimeUtc(interfaces.PathOf(name));
                    if (tried.TryGetValue(name, out var before) && before == made)
                        continue;
                    tried[name] = made;
                    listening.Add(PassOnAsync(name, heard, cancellation));
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(listening).ConfigureAwait(false);
    }

    private async Task PassOnAsync(string name, ChannelWriter<InterfaceEvent> heard, CancellationToken cancellation)
    {
        try
        {
            await foreach (var happened in _events.ListenAsync(name, cancellation).ConfigureAwait(false))
                await heard.WriteAsync(happened, cancellation).ConfigureAwait(false);
        }
        catch (SilentInterfaceException other) when (other.Silence == Silence.NoEvents)
        {
        }
        catch (SilentInterfaceException silent)
        {
            lock (_lock)
                complain(silent.Message);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
