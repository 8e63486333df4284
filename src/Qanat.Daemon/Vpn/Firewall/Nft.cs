using System.ComponentModel;
using System.Diagnostics;
using Qanat.Daemon.WireGuard.Up;
using Qanat.Linux;
using Qanat.Linux.Namespaces;

namespace Qanat.Daemon.Vpn.Firewall;

/// <summary>The program <c>nft</c>.</summary>
internal static class Nft
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Carries out statements, all or none, for good.</summary>
    /// <returns>What nft has against them; null when they are carried out.</returns>
    /// <exception cref="LinuxException">There is no nft, or it does not answer.</exception>
    public static async Task<string?> RunAsync(NetworkNamespace where, string statements)
    {
        using var nft = Start(where, "-f", "-");
        var complaint = nft.StandardError.ReadToEndAsync();
        try
        {
            await nft.StandardInput.WriteAsync(statements).ConfigureAwait(false);
            nft.StandardInput.Close();
            await nft.WaitForExitAsync().WaitAsync(s_patience).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It ended without reading all; its exit code and complaint say why.
        }
        catch (TimeoutException)
        {
            nft.Kill();
            throw Failed("it does not answer");
        }
        return nft.ExitCode == 0 ? null : Complaint((await complaint.ConfigureAwait(false)).Split('\n')) ?? $"exit code {nft.ExitCode}";
    }

    /// <summary>What it prints; nothing when it fails.</summary>
    /// <exception cref="LinuxException">There is no nft.</exception>
    public static async Task<string> ReadAsync(NetworkNamespace where, params string[] words)
    {
        using var nft = Launch(where, words);
        nft.ErrorDataReceived += static (_, _) => { };
        nft.BeginErrorReadLine();
        nft.StandardInput.Close();
        var text = await nft.StandardOutput.ReadToEndAsync().ConfigureAwait(false);
        await nft.WaitForExitAsync().ConfigureAwait(false);
        return nft.ExitCode == 0 ? text : "";
    }

    /// <summary>Starts it in a network namespace, to be spoken to; what it prints is lost, what it complains of is not.</summary>
    /// <exception cref="LinuxException">There is no nft.</exception>
    public static Process Start(NetworkNamespace where, params string[] words)
    {
        var nft = Launch(where, words);
        nft.OutputDataReceived += static (_, _) => { };
        nft.BeginOutputReadLine();
        return nft;
    }

    /// <summary>The first of what nft complains of: <c>Could not process rule: Operation not supported</c>; null for nothing.</summary>
    public static string? Complaint(IEnumerable<string> lines)
    {
        const string mark = "Error: ";
        return lines.Select(line => (Line: line, At: line.IndexOf(mark, StringComparison.Ordinal)))
            .Where(line => line.At >= 0).Select(line => line.Line[(line.At + mark.Length)..]).FirstOrDefault();
    }

    /// <summary>That nft failed us.</summary>
    public static LinuxException Failed(string why) =>
        new("run nft", why.EndsWith("Operation not permitted", StringComparison.Ordinal) ? Errno.EPERM : Errno.EIO, why);

    private static Process Launch(NetworkNamespace where, string[] words)
    {
        var start = new ProcessStartInfo(HostProgram.Find("nft") ?? throw Missing(Errno.ENOENT), words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        try
        {
            return where.Run(() => Process.Start(start))!;
        }
        catch (Win32Exception fault)
        {
            throw Missing(fault.NativeErrorCode);
        }
    }

    private static LinuxException Missing(int error) =>
        new("run nft", error, "the VPN's firewall needs nftables: install the package nftables");
}
