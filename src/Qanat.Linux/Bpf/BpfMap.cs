using System.Buffers;
using Microsoft.Win32.SafeHandles;
using static Qanat.Linux.Interop.Bpf;

namespace Qanat.Linux.Bpf;

/// <summary>
/// A table in the kernel that programs and this process share. It lives until it is disposed here and the last program that
/// uses it has gone. Keys and values are plain bytes: of structures every byte counts, those between fields too.
/// </summary>
/// <remarks>Any thread may use it. Source: bpf(2), kernel/bpf/hashtab.c and arraymap.c.</remarks>
public sealed unsafe class BpfMap : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly string _name;
    private readonly int _keySize;
    private readonly int _valueSize;

    // 0 unless each processor has values of its own.
    private readonly int _processors;

    private BpfMap(uint type, string name, int keySize, int valueSize, int capacity, uint flags = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keySize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(valueSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (_name, _keySize, _valueSize) = (name, keySize, valueSize);
        _processors = type == BPF_MAP_TYPE_PERCPU_ARRAY ? PossibleCpus.Count : 0;
        var attr = default(bpf_attr);
        attr.map_create.map_type = type;
        attr.map_create.key_size = (uint)keySize;
        attr.map_create.value_size = (uint)valueSize;
        attr.map_create.max_entries = (uint)capacity;
        attr.map_create.map_flags = flags;
        BpfCall.WriteName(name, attr.map_create.map_name);
        var descriptor = BpfCall.Invoke(BPF_MAP_CREATE, ref attr);
        _handle = descriptor >= 0
            ? new(descriptor, ownsHandle: true)
            : throw BpfCall.Failure($"make the BPF map {name}", descriptor);
    }

    /// <summary>The descriptor's number, for a program.</summary>
    /// <exception cref="ObjectDisposedException">The map is disposed.</exception>
    internal int Descriptor
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (int)_handle.DangerousGetHandle();
        }
    }

    // Bytes of a value where there is one for each processor.
    private int Stride => (_valueSize + 7) & ~7;

    /// <summary>Makes a hash table, empty; what it holds takes memory, not what it may hold.</summary>
    /// <param name="name">Up to 15 letters, digits, _ and ., for who looks at the kernel's maps; others may have it too.</param>
    /// <param name="keySize">Bytes of a key.</param>
    /// <param name="valueSize">Bytes of a value.</param>
    /// <param name="capacity">Keys at most.</param>
    /// <exception cref="ArgumentException">The kernel takes no such name.</exception>
    /// <exception cref="LinuxException">EPERM: CAP_BPF is missing (Linux 5.8); ENOSYS: the kernel has no BPF.</exception>
    public static BpfMap CreateHash(string name, int keySize, int valueSize, int capacity) =>
        new(BPF_MAP_TYPE_HASH, name, keySize, valueSize, capacity, BPF_F_NO_PREALLOC);

    /// <summary>Makes an array of zeros; its keys are the indices, <see cref="uint"/>.</summary>
    /// <param name="name">Up to 15 letters, digits, _ and ., for who looks at the kernel's maps; others may have it too.</param>
    /// <param name="valueSize">Bytes of a value.</param>
    /// <param name="capacity">Values.</param>
    /// <inheritdoc cref="CreateHash"/>
    public static BpfMap CreateArray(string name, int valueSize, int capacity) =>
        new(BPF_MAP_TYPE_ARRAY, name, sizeof(uint), valueSize, capacity);

    /// <summary>Makes an array of zeros in which each processor has values of its own, as for counters.</summary>
    /// <param name="name">Up to 15 letters, digits, _ and ., for who looks at the kernel's maps; others may have it too.</param>
    /// <param name="valueSize">Bytes of a value.</param>
    /// <param name="capacity">Values, for each processor.</param>
    /// <inheritdoc cref="CreateHash"/>
    public static BpfMap CreatePerCpuArray(string name, int valueSize, int capacity) =>
        new(BPF_MAP_TYPE_PERCPU_ARRAY, name, sizeof(uint), valueSize, capacity);

    /// <summary>Sets the value of a key, whether or not it had one; in a per-CPU array that of each processor.</summary>
    /// <exception cref="ArgumentException">The key or the value has not the map's size.</exception>
    /// <exception cref="LinuxException">E2BIG: the map is full, or so long is not the array.</exception>
    /// <exception cref="ObjectDisposedException">The map is disposed.</exception>
    public void Set<TKey, TValue>(in TKey key, in TValue value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        CheckSizes(sizeof(TKey), sizeof(TValue));
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            var result = _processors == 0 ? Invoke(BPF_MAP_UPDATE_ELEM, k, v) : SetEach(k, new(v, sizeof(TValue)));
            if (result < 0)
                throw Failure("write", result);
        }
    }

    /// <summary>Reads the value of a key.</summary>
    /// <returns>False when it has none.</returns>
    /// <exception cref="ArgumentException">The key or the value has not the map's size.</exception>
    /// <exception cref="InvalidOperationException">Each processor has a value: see <see cref="SumPerCpu"/>.</exception>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    /// <exception cref="ObjectDisposedException">The map is disposed.</exception>
    public bool TryGet<TKey, TValue>(in TKey key, out TValue value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        CheckSizes(sizeof(TKey), sizeof(TValue));
        if (_processors != 0)
            throw new InvalidOperationException($"Each processor has a value of its own in {_name}.");
        value = default;
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
            return Invoke(BPF_MAP_LOOKUP_ELEM, k, v) switch
            {
                0 => true,
                -Errno.ENOENT => false,
                var result => throw Failure("read", result),
            };
    }

    /// <summary>Removes a key and its value.</summary>
    /// <returns>False when it was not there.</returns>
    /// <exception cref="ArgumentException">The key has not the map's size.</exception>
    /// <exception cref="LinuxException">EINVAL: of an array nothing is removed.</exception>
    /// <exception cref="ObjectDisposedException">The map is disposed.</exception>
    public bool Remove<TKey>(in TKey key)
        where TKey : unmanaged
    {
        CheckSizes(sizeof(TKey), _valueSize);
        fixed (TKey* k = &key)
            return Invoke(BPF_MAP_DELETE_ELEM, k, null) switch
            {
                0 => true,
                -Errno.ENOENT => false,
                var result => throw Failure("remove from", result),
            };
    }

    /// <summary>Adds up, over the processors, a per-CPU array's value that is a row of counters of 64 bits.</summary>
    /// <param name="index">Which value.</param>
    /// <param name="sums">Where the sums go: as many as the value has counters. The program may be counting on meanwhile.</param>
    /// <exception cref="ArgumentException">The value has not so many counters.</exception>
    /// <exception cref="InvalidOperationException">The map is no per-CPU array.</exception>
    /// <exception cref="LinuxException">ENOENT: the array is not so long.</exception>
    /// <exception cref="ObjectDisposedException">The map is disposed.</exception>
    public void SumPerCpu(uint index, Span<long> sums)
    {
        if (_processors == 0)
            throw new InvalidOperationException($"Processors have no values of their own in {_name}.");
        CheckSizes(sizeof(uint), sums.Length * sizeof(long));
        var values = ArrayPool<long>.Shared.Rent(_processors * sums.Length);
        fixed (long* v = values)
        {
            var result = Invoke(BPF_MAP_LOOKUP_ELEM, &index, v);
            if (result < 0)
                throw Failure("read", result);
        }

        sums.Clear();
        for (var i = 0; i < _processors * sums.Length; i++)
            sums[i % sums.Length] += values[i];
        ArrayPool<long>.Shared.Return(values);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private int SetEach(void* key, ReadOnlySpan<byte> value)
    {
        var values = new byte[_processors * Stride];
        for (var i = 0; i < _processors; i++)
            value.CopyTo(values.AsSpan(i * Stride));
        fixed (byte* v = values)
            return Invoke(BPF_MAP_UPDATE_ELEM, key, v);
    }

    private int Invoke(int command, void* key, void* value)
    {
        var attr = default(bpf_attr);
        attr.elem.key = (ulong)key;
        attr.elem.value = (ulong)value;
        return BpfCall.Invoke(command, _handle, ref attr);
    }

    // The kernel reads and writes as much as the map says, whatever there is.
    private void CheckSizes(int key, int value)
    {
        if (key != _keySize || value != _valueSize)
            throw new ArgumentException($"{_name} has keys of {_keySize} bytes and values of {_valueSize}, not of {key} and {value}.");
    }

    private LinuxException Failure(string verb, int result) => BpfCall.Failure($"{verb} the BPF map {_name}", result);
}
