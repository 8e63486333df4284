using System.ComponentModel;
using System.Diagnostics;

namespace Qanat.Daemon.WireGuard.Up;

/// <summary>Runs the host's own programs: <c>nft</c>, <c>resolvconf</c>, a shell.</summary>
internal static class HostProgram
{
    // A hook may leave a program in the background that keeps its output open.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(300);

    // Where the administrator's programs are: not every user's PATH leads there.
    private const string Administration = "/usr/local/sbin:/usr/sbin:/sbin";

    /// <summary>The file of a program; null when there is none in any folder of PATH, nor where the administrator's are.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin"}:{Administration}"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="words">Its name and arguments.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="output">Takes each line that it writes.</param>
    /// <param name="variables">Variables of its environment, beside ours.</param>
    /// <param name="folder">The folder that it runs in.</param>
    /// <exception cref="IOException">It failed, or there is none.</exception>
    public static void Run(
        IReadOnlyList<string> words, string input, Action<string> output, IReadOnlyDictionary<string, string>? variables, string folder)
    {
        var file = Find(words[0]) ?? throw new IOException($"{words[0]} cannot be run: there is none");
        var start = new ProcessStartInfo(file, words.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        // Ours alone: programs of .NET that a hook starts have their own.
        start.Environment.Remove("DOTNET_EnableDiagnostics");
        try
        {
            using var process = Process.Start(start)!;
            var lines = new Lock();
            process.OutputDataReceived += Hear;
            process.ErrorDataReceived += Hear;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            Write(process, input);
            // Without a limit it would wait for whoever else has the output open.
            while (!process.WaitForExit(int.MaxValue))
            {
            }
            using var patience = new CancellationTokenSource(s_lastWords);
            try
            {
                process.WaitForExitAsync(patience.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException)
            {
            }
            if (process.ExitCode != 0)
                throw new IOException($"{words[0]} failed with exit code {process.ExitCode}");

            void Hear(object sender, DataReceivedEventArgs line)
            {
                lock (lines)
                    if (line.Data is { } text)
                        output(text);
            }
        }
        catch (Win32Exception fault)
        {
            throw new IOException($"{words[0]} cannot be run: {fault.Message}");
        }
    }

    private static void Write(Process process, string input)
    {
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all: its exit code says whether that was right.
        }
    }
}
