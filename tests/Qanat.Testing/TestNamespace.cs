using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Qanat.Testing;

/// <summary>
/// A host of its own: a network namespace with a name that nobody else has, <c>lo</c> up, gone when disposed (or when the
/// test program ends) with every process in it.
/// </summary>
public sealed class TestNamespace : IDisposable
{
    private static readonly ConcurrentDictionary<string, TestNamespace> Living = new();
    private static volatile bool s_ending;
    private readonly Dictionary<string, string> _environment = [];
    private readonly string _folder;

    // The runtime ends without a word at these signals, and so without ProcessExit.
    private static readonly PosixSignalRegistration[] s_signals = [.. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        .Select(signal => PosixSignalRegistration.Create(signal, _ => Environment.Exit(1)))];

    static TestNamespace() => AppDomain.CurrentDomain.ProcessExit += (_, _) => DisposeAll();

    /// <summary>Makes the namespace.</summary>
    /// <param name="role">What it stands for, part of its name: <c>a</c>, <c>router</c>.</param>
    /// <exception cref="InvalidOperationException">We are not root; tests of this kind then fail, they are never skipped.</exception>
    public TestNamespace(string role = "host")
    {
        if (Native.geteuid() != 0)
            throw new InvalidOperationException("This test makes network namespaces and so needs root: run `sudo make test`.");
        if (s_ending)
            throw new InvalidOperationException("The test program is ending.");
        Name = $"qt-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}-{role}";
        _folder = Directory.CreateTempSubdirectory("qanat-test-").FullName;
        RunDirectory = Path.Combine(_folder, "run");
        RunOutside($"chmod 755 {_folder} && mkdir -m 700 {RunDirectory} && mkdir -m 1777 {_folder}/tmp");
        _environment["TMPDIR"] = $"{_folder}/tmp"; // Where a program that is killed leaves its runtime's sockets.
        _environment["PATH"] = $"{Repository.ProgramFolder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        _environment["QANAT_RUN_DIR"] = RunDirectory;
        RunOutside($"ip netns add {Name}");
        Living[Name] = this;
        Do("ip link set lo up");
        Inode = ulong.Parse(Do("stat -Lc %i /proc/self/ns/net"), CultureInfo.InvariantCulture);
    }

    /// <summary>Its name, for <c>ip -n</c> and <c>ip netns exec</c>.</summary>
    public string Name { get; }

    /// <summary>The file that the name stands for.</summary>
    public string File => $"/run/netns/{Name}";

    /// <summary>The namespace's inode, as in <c>net:[4026532000]</c>.</summary>
    public ulong Inode { get; }

    /// <summary>Where daemons in this namespace keep their things (<c>QANAT_RUN_DIR</c>).</summary>
    public string RunDirectory { get; }

    /// <summary>True while the name exists.</summary>
    public bool Exists => System.IO.File.Exists(File);

    /// <summary>The processes in it.</summary>
    public IReadOnlyList<int> Processes =>
        !Exists ? [] : [.. RunOutside($"ip netns pids {Name}").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    /// <summary>Gives what is run in it from now on another environment variable.</summary>
    public void SetEnvironment(string variable, string value) => _environment[variable] = value;

    /// <summary>Runs a line of shell in it to its end; <c>qanat</c> is the program under test.</summary>
    /// <param name="command">The line.</param>
    /// <param name="limit">How long it may take; <see cref="Wait.Limit"/> unless told.</param>
    /// <exception cref="TimeoutException">It took longer, and was killed.</exception>
    public CommandResult Run(string command, TimeSpan? limit = null)
    {
        using var running = Start(command);
        return running.WaitForExit(limit);
    }

    /// <summary>Runs lines of shell, each of which must succeed.</summary>
    /// <returns>The standard output of the last.</returns>
    /// <exception cref="InvalidOperationException">One did not; the text has all that it said.</exception>
    public string Do(params ReadOnlySpan<string> commands)
    {
        var output = "";
        foreach (var command in commands)
            output = Run(command).Required;
        return output;
    }

    /// <summary>Starts a line of shell in it.</summary>
    public RunningCommand Start(string command) => new(command, ["ip", "netns", "exec", Name], _environment);

    /// <summary>Runs <paramref name="action"/> on a thread that is in the namespace, so that sockets it opens are too.</summary>
    public T Enter<T>(Func<T> action)
    {
        var task = new TaskCompletionSource<T>();
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = System.IO.File.OpenHandle(File);
                task.SetResult(Native.setns(handle, Native.CLONE_NEWNET) == 0
                    ? action()
                    : throw new InvalidOperationException($"setns {Name}: error {Marshal.GetLastSystemError()}"));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                task.SetException(e);
            }
        });
        thread.Start();
        thread.Join();
        return task.Task.GetAwaiter().GetResult();
    }

    /// <summary>Joins two hosts with a wire: a veth pair, both ends up.</summary>
    public static void Join(TestNamespace left, string leftDevice, TestNamespace right, string rightDevice)
    {
        left.Do($"ip link add {leftDevice} type veth peer name {rightDevice} netns {right.Name}", $"ip link set {leftDevice} up");
        right.Do($"ip link set {rightDevice} up");
    }

    /// <summary>A process that has this namespace for its own, whether or not the name still exists.</summary>
    public bool IsHomeOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/ns/net").LinkTarget == $"net:[{Inode}]";
        }
        catch (IOException)
        {
            return false; // It ended meanwhile.
        }
    }

    /// <summary>Takes the name away, as a user does, leaving processes alone.</summary>
    public void DeleteName() => RunOutside($"ip netns del {Name}");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!Living.TryRemove(Name, out _))
            return;
        foreach (var pid in Processes)
            _ = Native.kill(pid, Native.SIGKILL);
        if (Exists)
            DeleteName();
        Directory.Delete(_folder, recursive: true);
    }

    // Tests still run meanwhile, and what they write may come between.
    private static void DisposeAll()
    {
        s_ending = true;
        for (var attempt = 0; attempt < 10 && !Living.IsEmpty; attempt++)
            foreach (var left in Living.Values)
                try
                {
                    left.Dispose();
                }
                catch (Exception e) when (e is IOException or InvalidOperationException or TimeoutException)
                {
                    Living[left.Name] = left;
                }
    }

    private static string RunOutside(string command)
    {
        using var running = new RunningCommand(command);
        return running.WaitForExit().Required;
    }
}
