using Qanat.Linux.Bpf;
using Qanat.Linux.Privileges;
using Qanat.Testing;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Linux.Tests.Bpf;

/// <summary>What the kernel says to programs.</summary>
public sealed class BpfProgramTests : IDisposable
{
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void What_the_verifier_refuses_it_explains()
    {
        var code = new BpfAssembler();
        code.Load(BpfSize.Word, R2, R1, 0);
        code.Exit();
        var refusal = Assert.Throws<LinuxException>(() => BpfProgram.LoadClassifier("qt_unset", code));
        Assert.Equal(Errno.EACCES, refusal.Error);
        Assert.StartsWith("load the BPF program qt_unset: Permission denied (EACCES): ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("R0 !read_ok", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_long_explanation_the_end_is_kept()
    {
        var code = new BpfAssembler();
        code.Move(R0, 0);
        for (var i = 0; i < 60_000; i++)
            code.Compute(BpfOperation.Add, R0, i);
        code.Store(BpfSize.Word, R0, 0, 0);
        code.Exit();
        var refusal = Assert.Throws<LinuxException>(() => BpfProgram.LoadClassifier("qt_long", code));
        Assert.Equal(Errno.EACCES, refusal.Error);
        Assert.EndsWith("R0 invalid mem access 'scalar'", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_program_is_refused_without_an_explanation()
    {
        var refusal = Assert.Throws<LinuxException>(() => BpfProgram.LoadClassifier("qt_empty", new()));
        Assert.Null(refusal.Detail);
    }

    [Fact]
    public void Rights_that_are_missing_are_named() => _host.Enter(() =>
    {
        Testbed.DropCapabilities();
        var refusal = Assert.Throws<LinuxException>(() => BpfProgram.LoadClassifier("qt_next", Programs.Give(Programs.TCX_NEXT)));
        Assert.Equal(
            "load the BPF program qt_next: Operation not permitted (EPERM): CAP_BPF and CAP_NET_ADMIN are needed; run as root",
            refusal.Message);
    });

    [Fact]
    public void The_rights_that_it_names_are_enough() => _host.Enter(() =>
    {
        Testbed.KeepCapabilities(Capability.Bpf, Capability.NetAdmin);
        using var counters = BpfMap.CreatePerCpuArray("qt_counters", 16, 1);
        using var program = BpfProgram.LoadClassifier("qt_count", Programs.Count(counters));
        using var link = BpfLink.Attach(program, interfaceIndex: 1, BpfHook.TcxIngress);
    });
}
