using System.Diagnostics;
using Qanat.Linux;
using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.Vpn.Firewall;

/// <summary>
/// <c>nft -i</c>, held by a pipe: it ends when this process does, in whatever way, and the tables that it owns go with it.
/// </summary>
internal sealed class NftSession : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Process _nft;
    private int _questions;

    private NftSession(Process nft) => (_nft, Ended) = (nft, nft.WaitForExitAsync());

    /// <summary>Completes when nft has ended, and its tables are gone.</summary>
    public Task Ended { get; }

    /// <summary>Starts it in a network namespace.</summary>
    /// <exception cref="LinuxException">There is no nft.</exception>
    public static NftSession Start(NetworkNamespace where) => new(Nft.Start(where, "-i"));

    /// <summary>Carries out statements, all or none.</summary>
    /// <param name="statements">Statements, each with its semicolon and in lines of its own.</param>
    /// <returns>What nft has against them; null when they are carried out.</returns>
    /// <exception cref="LinuxException">It has ended, or does not answer.</exception>
    public async Task<string?> RunAsync(string statements)
    {
        // It says nothing of what succeeds. So words follow that it cannot understand, and complains of in the end.
        var question = $"qanat {++_questions}";
        using var limit = new CancellationTokenSource(s_patience);
        List<string> answer = [];
        try
        {
            await _nft.StandardInput.WriteAsync($"{statements.ReplaceLineEndings(" ")}\n{question}\n".AsMemory(), limit.Token)
                .ConfigureAwait(false);
            await _nft.StandardInput.FlushAsync(limit.Token).ConfigureAwait(false);
            while (await _nft.StandardError.ReadLineAsync(limit.Token).ConfigureAwait(false) is { } line)
            {
                if (line == question)
                    return Nft.Complaint(answer.SkipLast(1)); // the last is about the question
                answer.Add(line);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException)
        {
            throw Nft.Failed("it does not answer");
        }
        throw Nft.Failed(Nft.Complaint(answer) ?? "it ended");
    }

    /// <summary>Ends it, and waits until its tables are gone.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _nft.StandardInput.Close();
            await Ended.WaitAsync(s_patience).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It was ended while something was being said to it.
        }
        catch (TimeoutException)
        {
            _nft.Kill();
        }
        _nft.Dispose();
    }
}
