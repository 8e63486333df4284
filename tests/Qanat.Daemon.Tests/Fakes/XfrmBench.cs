using Qanat.Daemon.Api;
using Qanat.Daemon.Control.Xfrm;
using Qanat.Daemon.State;
using Qanat.Ipsec;

namespace Qanat.Daemon.Tests.Fakes;

/// <summary>
/// A manager of states and policies on a real engine and a real folder, with a clock that stands still; it can be killed.
/// </summary>
internal sealed class XfrmBench : IDisposable
{
    /// <summary>A key of AES-GCM with its salt.</summary>
    public const string Key = "000102030405060708090a0b0c0d0e0f10111213";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeLog _log = new();

    public XfrmBench()
    {
        Disk = new(Crash);
        Time.Advance(TimeSpan.FromDays(20_000)); // no time of 0, which is never
        (Plane, Xfrm) = Build();
    }

    public CrashPoint Crash { get; } = new();

    public FakeTime Time { get; } = new();

    public FakeDisk Disk { get; }

    public FakeDevices Devices { get; } = new();

    public IXfrmPlane Plane { get; private set; }

    public XfrmManager Xfrm { get; private set; }

    public DaemonPaths Paths => _folder.Paths;

    public IReadOnlyList<string> Log => _log.Lines;

    public XfrmStore Store(string boot = "boot", ulong cookie = 7) => new(Paths.XfrmState, boot, cookie, Disk, _log.Log);

    /// <summary>The daemon is gone, in whatever way, and the next one has recovered.</summary>
    public int Restart()
    {
        Crash.Disarm();
        (Plane, Xfrm) = Build();
        return Xfrm.Recover();
    }

    /// <summary>Looks at the engine.</summary>
    public T Engine<T>(Func<IpsecEngine, T> look) => Plane.Use(look);

    public static XfrmStateSpec StateOf(uint spi, XfrmMarkSpec? mark = null, XfrmLimitsSpec? limits = null) => new()
    {
        Src = "192.0.2.1",
        Dst = "192.0.2.2",
        Spi = spi,
        Mark = mark,
        Limits = limits,
        Aead = new() { Name = "rfc4106(gcm(aes))", Key = Key, Bits = 128 },
    };

    public static XfrmPolicySpec PolicyFor(string destination, string dir = "out", XfrmMarkSpec? mark = null) => new()
    {
        Dir = dir,
        Sel = new() { Src = "10.1.0.0/16", Dst = destination },
        Mark = mark,
        Templates = [new() { Src = "192.0.2.1", Dst = "192.0.2.2", Reqid = 1 }],
    };

    /// <summary>Runs what is to be refused, and returns the error number.</summary>
    public static int ErrorOf(Action act) => Assert.Throws<XfrmException>(act).Error;

    public void Dispose()
    {
        Xfrm.Dispose();
        _folder.Dispose();
    }

    private (IXfrmPlane, XfrmManager) Build()
    {
        var plane = new IdleXfrmPlane(Time);
        return (plane, new(plane, Store(), Devices, Time, _log.Log));
    }
}
