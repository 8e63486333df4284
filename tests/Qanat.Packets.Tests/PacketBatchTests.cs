using Xunit;

namespace Qanat.Packets.Tests;

public class PacketBatchTests
{
    [Fact]
    public void The_newest_packet_grows_where_it_stands_while_there_is_room()
    {
        using var batch = new PacketBatch(capacity: 3, size: 1024);
        Assert.True(batch.TryAdd([1, 2, 3], headroom: 128));
        Assert.True(batch.TryAdd([4, 5], headroom: 128));
        var room = 1024 - batch[1].Start - batch[1].Length;

        Assert.True(batch.TryGrowLast(2));
        batch.Bytes(1)[2..].Fill(6);
        Assert.False(batch.TryGrowLast(room - 1), "There is one byte less.");
        Assert.Equal([4, 5, 6, 6], batch.Bytes(1).ToArray());
        Assert.Equal([1, 2, 3], batch.Bytes(0).ToArray());

        Assert.True(batch.TryGrowLast(room - 2));
        Assert.Equal(room + 2, batch[1].Length);
        Assert.False(batch.TryAdd(0, headroom: 1, out _), "The batch is full.");
        Assert.False(batch.TryGrowLast(1));
    }

    [Fact]
    public void What_comes_behind_a_packet_that_has_grown_leaves_it_alone()
    {
        using var batch = new PacketBatch(capacity: 2, size: 1024);
        batch.TryAdd([1], headroom: 0);
        Assert.True(batch.TryGrowLast(200));
        batch.Bytes(0).Fill(7);
        Assert.True(batch.TryAdd([8, 9], headroom: 64));
        batch.Headroom(1, 64).Fill(5);
        Assert.Equal(201, batch.Bytes(0).Length);
        Assert.False(batch.Bytes(0).ContainsAnyExcept((byte)7));
    }
}
