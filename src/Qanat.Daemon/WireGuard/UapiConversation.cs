using System.Net.Sockets;
using System.Security.Cryptography;
using Qanat.Daemon.WireGuard.Sight;
using Qanat.Linux;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard;

/// <summary>What one client asks, and is answered.</summary>
/// <param name="client">The client, who is hung up on at the end.</param>
/// <param name="served">The interface that it asks for.</param>
/// <param name="log">Hears what it is refused.</param>
internal sealed class UapiConversation(Socket client, WireGuardInterface served, WireGuardLog log) : IDisposable
{
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(4096, pinned: true);
    private readonly UapiReader _reader = new();
    private readonly SecretBuffer _output = new();

    /// <summary>When the client said something last, in milliseconds of <see cref="Environment.TickCount64"/>.</summary>
    public long LastHeard { get; private set; } = Environment.TickCount64;

    /// <summary>Answers until the client has gone, or what it says cannot be understood.</summary>
    /// <exception cref="SocketException">It went without waiting for its answer.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        for (var goesOn = true; goesOn;)
        {
            var length = await client.ReceiveAsync(_input, cancellation).ConfigureAwait(false);
            goesOn = length > 0;
            LastHeard = Environment.TickCount64;
            var taken = 0;
            while (Next(length, ref taken) is { } operation)
            {
                if (operation is UapiOperation.HangUp)
                    return;
                if (operation is UapiOperation.Listen && served.Listen() is { } listener)
                {
                    using (listener)
                        await EventStream.SendAsync(client, listener, cancellation).ConfigureAwait(false);
                    return;
                }
                await AnswerAsync(operation).ConfigureAwait(false);
                await client.SendAsync(_output.WrittenMemory, cancellation).ConfigureAwait(false);
                _output.Clear();
            }
        }
    }

    /// <summary>Hangs up, and wipes what was said.</summary>
    public void Dispose()
    {
        client.Dispose();
        _reader.Dispose();
        _output.Dispose();
        CryptographicOperations.ZeroMemory(_input);
    }

    private UapiOperation? Next(int length, ref int taken)
    {
        if (length == 0)
            return _reader.Complete();
        ReadOnlySpan<byte> rest = _input.AsSpan(taken, length - taken);
        var operation = _reader.Read(ref rest);
        taken = length - rest.Length;
        return operation;
    }

    private async Task AnswerAsync(UapiOperation operation)
    {
        var error = UapiErrors.None;
        switch (operation)
        {
            case UapiOperation.Query:
                await served.WriteStatusAsync(_output).ConfigureAwait(false);
                break;
            case UapiOperation.Report:
                var report = await served.ReportAsync().ConfigureAwait(false);
                JsonLine.Write(_output, report, SightJson.Default.InterfaceReport);
                return;
            case UapiOperation.Listen:
                error = UapiErrors.Busy;
                break;
            case UapiOperation.Apply { Change: var change }:
                error = await ApplyAsync(change).ConfigureAwait(false);
                break;
            case UapiOperation.Refuse refused:
                log.Verbose($"refused: {refused.Reason}");
                error = refused.Error;
                break;
        }
        UapiWriter.WriteResult(_output, error);
    }

    private async Task<int> ApplyAsync(WireGuardChange change)
    {
        try
        {
            await served.ApplyAsync(change).ConfigureAwait(false);
            return UapiErrors.None;
        }
        catch (LinuxException refused)
        {
            log.Error($"refused: {refused.Message}");
            return -refused.Error;
        }
    }
}
