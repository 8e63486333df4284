using System.Globalization;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Namespaces;

public class NetworkNamespaceTests
{
    [Fact]
    public void The_current_namespace_is_the_one_that_proc_names()
    {
        using var current = NetworkNamespace.Current();
        Assert.Equal(new FileInfo("/proc/self/ns/net").LinkTarget, current.ToString());
        Assert.Equal(current.Inode, NetworkNamespace.CurrentInode);
        using var same = NetworkNamespace.OfProcess(Environment.ProcessId);
        Assert.Equal(current, same);
        Assert.Equal(current.GetHashCode(), same.GetHashCode());
    }

    [Fact]
    public void A_name_a_path_and_a_process_lead_to_the_same_namespace()
    {
        using var host = new TestNamespace();
        using var sleeper = host.Start("exec sleep 1000");
        using var byName = NetworkNamespace.Open(host.Name);
        using var byPath = NetworkNamespace.Open($"/run/netns/{host.Name}");
        Assert.Equal(host.Inode, byName.Inode);
        Assert.Equal(byName, byPath);
        Wait.Until(() => host.IsHomeOf(sleeper.Pid), what: "the process to be in the namespace");
        using var byProcess = NetworkNamespace.OfProcess(sleeper.Pid);
        Assert.Equal(byName, byProcess);
        Assert.Equal([host.Name], byProcess.Names);
        using var here = NetworkNamespace.Current();
        Assert.NotEqual(here, byName);
    }

    [Fact]
    public void What_runs_inside_is_inside_and_the_thread_comes_back()
    {
        using var there = NetworkNamespace.Create();
        var before = NetworkNamespace.CurrentInode;
        Assert.NotEqual(before, there.Inode);
        Assert.Equal(there.Inode, there.Run(() => NetworkNamespace.CurrentInode));
        Assert.Equal(before, NetworkNamespace.CurrentInode);
        Assert.Equal(there.Inode, there.Run(() => there.Run(() => NetworkNamespace.CurrentInode)));
        Assert.Throws<FormatException>(() => there.Run(() => throw new FormatException()));
        Assert.Equal(before, NetworkNamespace.CurrentInode);
    }

    [Fact]
    public void A_socket_opened_inside_stays_there()
    {
        using var there = NetworkNamespace.Create();
        using var netlink = RouteNetlink.In(there);
        var loopback = Assert.Single(netlink.Links.List());
        Assert.Equal(("lo", false), (loopback.Name, loopback.IsUp));
    }

    [Fact]
    public void A_namespace_lives_while_it_is_held_and_no_longer()
    {
        ulong inode;
        var name = UniqueName();
        using (var named = NamedNamespaces.Create(name))
        {
            inode = named.Inode;
            NamedNamespaces.Delete(name);
            Assert.Empty(named.Names);
            Assert.Equal(inode, named.Run(() => NetworkNamespace.CurrentInode));
        }

        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => NetworkNamespace.Open(name)).Error);
    }

    [Fact]
    public void Cookies_differ_between_namespaces_and_not_within_one()
    {
        using var here = NetworkNamespace.Current();
        using var there = NetworkNamespace.Create();
        Assert.NotNull(here.Cookie);
        Assert.NotEqual(here.Cookie, there.Cookie);
        Assert.Equal(there.Cookie, there.Cookie);
    }

    [Fact]
    public void Other_processes_are_seen_while_they_are_there()
    {
        using var host = new TestNamespace();
        using var there = NetworkNamespace.Open(host.Name);
        Assert.False(there.HasOtherProcesses());
        using (var sleeper = host.Start("exec sleep 1000"))
        {
            Wait.Until(there.HasOtherProcesses, what: "the process to be seen");
            sleeper.Kill();
            Wait.Until(() => !there.HasOtherProcesses(), what: "the process to be gone");
        }

        using var here = NetworkNamespace.Current();
        Assert.True(here.HasOtherProcesses());
    }

    [Fact]
    public void Opening_what_is_not_there_says_so()
    {
        var missing = Assert.Throws<LinuxException>(() => NetworkNamespace.Open("qt-nowhere"));
        Assert.Equal((Errno.ENOENT, "open network namespace /run/netns/qt-nowhere"), (missing.Error, missing.Operation));
        Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => NetworkNamespace.OfProcess(int.MaxValue)).Error);
        using var file = NetworkNamespace.Open("/proc/self/ns/uts");
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => file.Run(() => { })).Error);
    }

    [Fact]
    public void Named_namespaces_are_those_of_ip_netns()
    {
        var (ours, theirs) = (UniqueName(), UniqueName());
        try
        {
            using var host = new TestNamespace();
            using var created = NamedNamespaces.Create(ours);
            Assert.Equal(Errno.EEXIST, Assert.Throws<LinuxException>(() => NamedNamespaces.Create(ours)).Error);
            host.Do($"ip netns add {theirs}");
            var printed = host.Do("ip netns list");
            Assert.Contains(ours, printed, StringComparison.Ordinal);
            Assert.Superset(new HashSet<string> { ours, theirs, host.Name }, NamedNamespaces.List().ToHashSet());
            var inode = host.Do($"ip netns exec {ours} stat -Lc %i /proc/self/ns/net");
            Assert.Equal(created.Inode, ulong.Parse(inode, CultureInfo.InvariantCulture));
            host.Do($"ip netns del {ours}");
            NamedNamespaces.Delete(theirs);
            Assert.DoesNotContain(ours, NamedNamespaces.List());
            Assert.DoesNotContain(theirs, host.Do("ip netns list"), StringComparison.Ordinal);
            Assert.Equal(Errno.ENOENT, Assert.Throws<LinuxException>(() => NamedNamespaces.Delete(theirs)).Error);
        }
        finally
        {
            foreach (var left in NamedNamespaces.List().Intersect([ours, theirs]))
                NamedNamespaces.Delete(left);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../../etc/passwd")]
    public void A_name_that_would_leave_the_folder_is_refused(string name)
    {
        Assert.Throws<ArgumentException>(() => NamedNamespaces.Create(name));
        Assert.Throws<ArgumentException>(() => NamedNamespaces.Delete(name));
    }

    private static string UniqueName() => $"qt-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}";
}
