using System.Net.Sockets;
using Qanat.Testing;
using Qanat.WireGuard.Configuration;

namespace Qanat.WireGuard.Tests.Configuration;

/// <summary>
/// An interface that exists for <c>wg</c> alone: a socket of the configuration protocol, and what was asked on it. wg looks
/// for sockets in /var/run/wireguard, which is this one's folder in a mount namespace of wg's own.
/// </summary>
internal sealed class WgServer : IDisposable
{
    public const string Name = "qtwg0";

    private readonly string _folder = Directory.CreateTempSubdirectory("qanat-test-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _serving;

    public WgServer()
    {
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_folder, $"{Name}.sock")));
        _listener.Listen();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>The interface, as wg has made it so far.</summary>
    public WireGuardConfig Device { get; set; } = new();

    /// <summary>What <c>get</c> adds to it.</summary>
    public Func<PeerConfig, PeerStatus> Status { get; set; } = peer => new(peer);

    /// <summary>What wg asked for.</summary>
    public List<UapiOperation> Asked { get; } = [];

    /// <summary>Runs a line of shell in which <c>wg</c> finds the interface, and /run/in is <paramref name="input"/>.</summary>
    public CommandResult Run(string command, string input = "")
    {
        File.WriteAllText(Path.Combine(_folder, "in"), input);
        var setup = $"mount -t tmpfs tmpfs /run; cp {_folder}/in /run; mkdir /run/wireguard; mount --bind {_folder} /run/wireguard";
        using var running = new RunningCommand($"set -e; {setup}; {command}", ["unshare", "--mount", "--net"]);
        return running.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _serving.Wait();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptAsync().ConfigureAwait(false);
                await AnswerAsync(client).ConfigureAwait(false);
            }
        }
        catch (SocketException)
        {
            // The listener is closed.
        }
        catch (ObjectDisposedException)
        {
            // The listener was closed before.
        }
    }

    private async Task AnswerAsync(Socket client)
    {
        using var reader = new UapiReader();
        var buffer = new byte[64];
        int count;
        while ((count = await client.ReceiveAsync(buffer).ConfigureAwait(false)) > 0)
            foreach (var operation in Read(reader, buffer.AsSpan(0, count)))
            {
                using var answer = new SecretBuffer();
                Answer(operation, answer);
                await client.SendAsync(answer.WrittenMemory).ConfigureAwait(false);
            }
    }

    private static List<UapiOperation> Read(UapiReader reader, ReadOnlySpan<byte> input)
    {
        var operations = new List<UapiOperation>();
        while (reader.Read(ref input) is { } operation)
            operations.Add(operation);
        return operations;
    }

    private void Answer(UapiOperation operation, SecretBuffer answer)
    {
        Asked.Add(operation);
        var error = UapiErrors.None;
        switch (operation)
        {
            case UapiOperation.Apply apply:
                Device = Device.With(apply.Change);
                break;
            case UapiOperation.Query:
                UapiWriter.WriteStatus(answer, new()
                {
                    PrivateKey = Device.PrivateKey,
                    ListenPort = Device.ListenPort,
                    FirewallMark = Device.FirewallMark,
                    Peers = [.. Device.Peers.Select(Status)],
                });
                break;
            case UapiOperation.Refuse refuse:
                error = refuse.Error;
                break;
        }
        UapiWriter.WriteResult(answer, error);
    }
}
