using Qanat.Linux.Bpf;

namespace Qanat.Linux.Tests.Bpf;

/// <summary>Tables that the kernel keeps.</summary>
public class BpfMapTests
{
    [Fact]
    public void A_hash_keeps_what_it_is_given_until_it_is_removed()
    {
        using var map = BpfMap.CreateHash("qt_hash", 16, 8, 10);
        UInt128 key = 7;
        Assert.False(map.TryGet(key, out long value));
        map.Set(key, 1L << 40);
        map.Set(UInt128.MaxValue, -1L);
        Assert.True(map.TryGet(key, out value));
        Assert.Equal(1L << 40, value);
        map.Set(key, 5L);
        Assert.True(map.TryGet(key, out value));
        Assert.Equal(5, value);
        Assert.True(map.Remove(key));
        Assert.False(map.Remove(key));
        Assert.False(map.TryGet(key, out value));
        Assert.True(map.TryGet(UInt128.MaxValue, out value));
        Assert.Equal(-1, value);
    }

    [Fact]
    public void A_hash_that_is_full_says_so()
    {
        using var map = BpfMap.CreateHash("qt_hash", 4, 4, 2);
        map.Set(1, 1);
        map.Set(2, 2);
        var refusal = Assert.Throws<LinuxException>(() => map.Set(3, 3));
        Assert.Equal(Errno.E2BIG, refusal.Error);
        Assert.StartsWith("write the BPF map qt_hash: ", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_array_has_all_its_values_from_the_start_and_no_more()
    {
        using var map = BpfMap.CreateArray("qt.array", 16, 3);
        Assert.True(map.TryGet(2, out Guid value));
        Assert.Equal(default, value);
        var other = Guid.NewGuid();
        map.Set(2, other);
        Assert.True(map.TryGet(2, out value));
        Assert.Equal(other, value);
        Assert.False(map.TryGet(3, out value));
        Assert.Equal(Errno.E2BIG, Assert.Throws<LinuxException>(() => map.Set(3, value)).Error);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => map.Remove(2)).Error);
    }

    [Fact]
    public void A_per_CPU_array_has_a_value_for_each_processor()
    {
        using var map = BpfMap.CreatePerCpuArray("qt_percpu", 24, 2);
        var sums = new long[3];
        map.Set(1u, (1L, 2L, long.MaxValue / 1024));
        map.SumPerCpu(1, sums);
        Assert.Equal([PossibleCpus.Count, 2 * PossibleCpus.Count, PossibleCpus.Count * (long.MaxValue / 1024)], sums);
        map.SumPerCpu(0, sums);
        Assert.Equal([0, 0, 0], sums);
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => map.SumPerCpu(2, sums)).Error);
        Assert.Throws<InvalidOperationException>(() => map.TryGet(1u, out (long, long, long) _));
    }

    [Fact]
    public void A_per_CPU_value_of_odd_size_is_written_whole()
    {
        using var map = BpfMap.CreatePerCpuArray("qt_percpu", 4, 1);
        map.Set(0u, 7);
        Assert.Throws<ArgumentException>(() => map.SumPerCpu(0, new long[1]));
    }

    [Fact]
    public void Keys_and_values_of_other_sizes_never_reach_the_kernel()
    {
        using var map = BpfMap.CreateHash("qt_hash", 8, 4, 1);
        using var counters = BpfMap.CreatePerCpuArray("qt_percpu", 16, 1);
        Assert.Throws<ArgumentException>(() => map.Set(1, 1));
        Assert.Throws<ArgumentException>(() => map.Set(1L, 1L));
        Assert.Throws<ArgumentException>(() => map.TryGet(1L, out short _));
        Assert.Throws<ArgumentException>(() => map.Remove(1));
        Assert.Throws<ArgumentException>(() => counters.SumPerCpu(0, new long[1]));
        Assert.Throws<InvalidOperationException>(() => map.SumPerCpu(0, []));
    }

    [Theory]
    [InlineData("sixteen_letters_")]
    [InlineData("a-b")]
    [InlineData("é")]
    public void A_name_that_the_kernel_does_not_take_is_refused(string name) =>
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => BpfMap.CreateArray(name, 4, 1)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_disposed_map_is_told_from_another_with_its_descriptor()
    {
        var map = BpfMap.CreateArray("fifteen_letters", 4, 1);
        map.Dispose();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Set(0, 1));
    }

    [Theory]
    [InlineData("0\n", 1)]
    [InlineData("0-3\n", 4)]
    [InlineData("0-3,8,10-11", 7)]
    public void Lists_of_processors_are_counted(string list, int count) => Assert.Equal(count, PossibleCpus.CountOf(list));

    [Theory]
    [InlineData("")]
    [InlineData("3-0")]
    [InlineData("0-")]
    [InlineData("x")]
    public void Other_lists_are_not(string list) => Assert.Throws<FormatException>(() => PossibleCpus.CountOf(list));
}
