using System.Net.Sockets;
using System.Text.Json;
using Qanat.Linux;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard.Sight;

/// <summary>
/// The other ends of the interfaces' sockets: asks those that are there how they fare, within a time and a length, whoever is behind
/// them. One that is not Qanat is asked as <c>wg</c> asks it.
/// </summary>
/// <param name="folder">Where the sockets are.</param>
public sealed class InterfaceSockets(string folder = UapiSocket.Folder)
{
    // A report of 65,536 peers fits.
    private const int MostBytes = 64 << 20, LongestName = 15;

    /// <summary>The interfaces that have a socket, in the order of their names.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            try
            {
                return
                [
                    .. Directory.EnumerateFiles(folder, "*.sock").Select(path => Path.GetFileNameWithoutExtension(path))
                        .Where(name => name.Length is > 0 and <= LongestName && !name.Any(char.IsControl))
                        .Order(StringComparer.Ordinal),
                ];
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return [];
            }
        }
    }

    /// <summary>The file of an interface's socket.</summary>
    public string PathOf(string name) => Path.Join(folder, $"{name}.sock");

    /// <summary>Asks them all at once.</summary>
    /// <param name="names">Which.</param>
    /// <param name="patience">How long any of them may take.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<InterfaceAnswer[]> AskAsync(IEnumerable<string> names, TimeSpan patience, CancellationToken cancellation = default) =>
        Task.WhenAll(names.Select(name => AskAsync(name, patience, cancellation)));

    /// <summary>Connects to an interface.</summary>
    /// <exception cref="SocketException">It cannot be had.</exception>
    internal async Task<Socket> ConnectAsync(string name, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(PathOf(name)), cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Why an interface that cannot be talked to is silent.</summary>
    internal static Silence SilenceOf(SocketException fault) => fault.SocketErrorCode switch
    {
        SocketError.ConnectionRefused or SocketError.AddressNotAvailable => Silence.Abandoned,
        SocketError.AccessDenied => Silence.Forbidden,
        _ => Silence.NoAnswer,
    };

    private async Task<InterfaceAnswer> AskAsync(string name, TimeSpan patience, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(patience);
        ulong? place = null;
        try
        {
            using (var socket = await ConnectAsync(name, end.Token).ConfigureAwait(false))
            {
                place = NamespaceOf(name, socket);
                using var said = await ExchangeAsync(socket, "qanat_report=1\n\n"u8.ToArray(), "\n"u8.ToArray(), end.Token)
                    .ConfigureAwait(false);
                if (said.Written.Length > 0)
                    return ReadReport(name, said.Written) is { } report
                        ? new(name, report, Silence.None, report.Namespace ?? place)
                        : new(name, null, Silence.Nonsense, place);
            }
            using (var socket = await ConnectAsync(name, end.Token).ConfigureAwait(false))
            {
                using var said = await ExchangeAsync(socket, "get=1\n\n"u8.ToArray(), "\n\n"u8.ToArray(), end.Token)
                    .ConfigureAwait(false);
                return said.Written.Length == 0 ? new(name, null, Silence.NoAnswer, place)
                    : StatusText.Read(name, said.Written) is { } report ? new(name, report, Silence.None, place)
                    : new(name, null, Silence.Nonsense, place);
            }
        }
        catch (SocketException fault)
        {
            return new(name, null, SilenceOf(fault), place);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(name, null, Silence.NoAnswer, place);
        }
    }

    // What it says up to and with the end, or to where it hangs up. It may hold keys, and is wiped.
    private static async Task<SecretBuffer> ExchangeAsync(Socket socket, byte[] question, byte[] ending, CancellationToken cancellation)
    {
        var said = new SecretBuffer();
        try
        {
            await socket.SendAsync(question, cancellation).ConfigureAwait(false);
            while (!said.Written.EndsWith(ending) && said.Written.Length < MostBytes)
            {
                var length = await socket.ReceiveAsync(said.GetMemory(4096), cancellation).ConfigureAwait(false);
                if (length == 0)
                    break;
                said.Advance(length);
            }
            return said;
        }
        catch
        {
            said.Dispose();
            throw;
        }
    }

    private static InterfaceReport? ReadReport(string name, ReadOnlySpan<byte> json)
    {
        try
        {
            var report = JsonSerializer.Deserialize(json, SightJson.Default.InterfaceReport);
            return report is null || report.Peers.Any(peer => peer is null || peer.AllowedIps.Contains(null!))
                ? null
                : report with { Interface = name };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // That of whoever began to listen there (struct ucred).
    private static ulong? NamespaceOf(string name, Socket socket)
    {
        const int solSocket = 1, soPeerCred = 17, credentialsSize = 12;
        var credentials = new byte[credentialsSize];
        socket.GetRawSocketOption(solSocket, soPeerCred, credentials);
        return NamespaceOf(name, BitConverter.ToInt32(credentials));
    }

    /// <summary>
    /// The inode of an interface's namespace, by a process that listened for it; null when it is not known. Who goes to the background
    /// as wireguard-go does has another process by then: what has a device of that name here is here.
    /// </summary>
    internal static ulong? NamespaceOf(string name, int process)
    {
        try
        {
            using var there = NetworkNamespace.OfProcess(process);
            return there.Inode;
        }
        catch (LinuxException gone) when (gone.Error == Errno.ENOENT)
        {
            return IsHere(name) ? NetworkNamespace.CurrentInode : null;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    private static bool IsHere(string name)
    {
        try
        {
            using var netlink = new RouteNetlink();
            return netlink.Links.Find(name) is not null;
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
