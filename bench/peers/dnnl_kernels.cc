// SPDX-License-Identifier: Apache-2.0
#include "bench/peers/dnnl_kernels.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sheaf/base/clock.h"
#include "sheaf/tensor/aligned_buffer.h"

namespace sheaf::bench {
namespace {

using backend::cpu::ProductArgs;
using Memory = dnnl::memory;

constexpr std::size_t kMostRanges = 8;

// What a product's primitives depend on.
struct Key {
  const float* panels;
  std::size_t rows;
  std::size_t out_stride;
  bool goes_on;  // from stored sums, not from a bias
  std::array<std::size_t, kMostRanges> strides;

  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const {
    std::size_t hash = reinterpret_cast<std::uintptr_t>(key.panels) / 64;
    const auto mix = [&hash](std::size_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15U; };
    mix(key.rows);
    mix(key.out_stride);
    mix(key.goes_on ? 1 : 0);
    for (const std::size_t stride : key.strides) mix(stride);
    return hash ^ (hash >> 29U);
  }
};

// Weights in plain order, and their copies in the formats that primitives asked for.
struct Weights {
  tensor::AlignedBuffer plain;  // [k][n]
  struct Packed {
    std::size_t first_k;
    Memory memory;
  };
  std::vector<Packed> packed;
};

Memory::desc matrix(std::size_t rows, std::size_t columns, std::size_t stride) {
  return {{static_cast<Memory::dim>(rows), static_cast<Memory::dim>(columns)},
          Memory::data_type::f32,
          {static_cast<Memory::dim>(stride), 1}};
}

struct Shape {
  std::size_t rows, k, n, a_stride, out_stride;
  bool first;  // starts at the bias; else adds to the result
};

dnnl::matmul::primitive_desc describe(const Shape& shape, const dnnl::engine& engine) {
  const auto k = static_cast<Memory::dim>(shape.k);
  const auto n = static_cast<Memory::dim>(shape.n);
  const Memory::desc a = matrix(shape.rows, shape.k, shape.a_stride);
  const Memory::desc b({k, n}, Memory::data_type::f32, Memory::format_tag::any);
  const Memory::desc out = matrix(shape.rows, shape.n, shape.out_stride);
  if (shape.first) return {dnnl::matmul::desc(a, b, matrix(1, shape.n, shape.n), out), engine};
  dnnl::post_ops adds;
  adds.append_sum(1.0F);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(adds);
  return {dnnl::matmul::desc(a, b, out), attributes, engine};
}

// One matmul with its arguments in place, so that a call only sets pointers.
class Matmul {
 public:
  Matmul(const Shape& shape, const Memory& weights, const dnnl::matmul::primitive_desc& description,
         const dnnl::engine& engine)
      : matmul_(description),
        a_(description.src_desc(), engine, nullptr),
        weights_(weights),
        bias_(matrix(1, shape.n, shape.n), engine, nullptr),
        out_(description.dst_desc(), engine, nullptr),
        arguments_{{{DNNL_ARG_SRC, a_.get()},
                    {DNNL_ARG_WEIGHTS, weights_.get()},
                    {DNNL_ARG_DST, out_.get()},
                    {DNNL_ARG_BIAS, bias_.get()}}},
        count_(shape.first ? 4 : 3) {}

  // oneDNN's handles are not const; only `out` is written.
  void run(const float* a, const float* bias, float* out, dnnl_stream_t stream) const {
    dnnl_memory_set_data_handle(a_.get(), const_cast<float*>(a));
    dnnl_memory_set_data_handle(out_.get(), out);
    if (count_ == 4) dnnl_memory_set_data_handle(bias_.get(), const_cast<float*>(bias));
    dnnl_primitive_execute(matmul_.get(), stream, count_, arguments_.data());
  }

 private:
  dnnl::matmul matmul_;
  Memory a_, weights_, bias_, out_;
  std::array<dnnl_exec_arg_t, 4> arguments_;
  int count_;
};

// How a product of one shape runs.
struct Ways {
  std::vector<Matmul> apart;      // one per range
  std::unique_ptr<Matmul> joint;  // over ranges side by side; null where there is one range
  bool use_joint = false;
};

class Products {
 public:
  explicit Products(std::size_t panel_width) : panel_width_(panel_width) {}

  void run(const ProductArgs& args) {
    Key key{args.panels, args.rows, args.out_stride, args.initial_stride != 0, {}};
    for (std::size_t i = 0; i < args.ranges.size(); ++i) key.strides[i] = args.ranges[i].stride;
    const auto found = ways_.find(key);
    Ways& ways = found != ways_.end() ? found->second : make(key, args);
    if (key.goes_on) put_initial_rows(args);
    run(ways, args, ways.use_joint);
  }

 private:
  static void put_initial_rows(const ProductArgs& args) {
    for (std::size_t row = 0; row < args.rows; ++row) {
      const float* const from = args.initial + row * args.initial_stride;
      float* const to = args.out + row * args.out_stride;
      if (from != to) std::memcpy(to, from, args.n * sizeof(float));
    }
  }

  Ways& make(const Key& key, const ProductArgs& args) {
    Ways& ways = ways_[key];
    std::size_t first_k = 0;
    for (const ProductArgs::Range& range : args.ranges) {
      ways.apart.push_back(matmul(
          args,
          {args.rows, range.k, args.n, range.stride, args.out_stride, first_k == 0 && !key.goes_on},
          first_k));
      first_k += range.k;
    }
    // What goes on adds to the result, so that it cannot be tried out.
    if (args.ranges.size() == 1 || key.goes_on) return ways;
    ways.joint = std::make_unique<Matmul>(
        matmul(args, {args.rows, args.k, args.n, args.k, args.out_stride, true}, 0));
    if (beside_.size() < args.rows * args.k) {
      beside_ = tensor::AlignedBuffer(args.rows * args.k);
    }
    ways.use_joint = time(ways, args, true) < time(ways, args, false);
    return ways;
  }

  // The least of several runs, after one that warms up.
  std::uint64_t time(const Ways& ways, const ProductArgs& args, bool joint) const {
    std::uint64_t least = ~std::uint64_t{0};
    for (int i = 0; i < 6; ++i) {
      const std::uint64_t start = clock_.now_ns();
      run(ways, args, joint);
      if (i > 0) least = std::min(least, clock_.now_ns() - start);
    }
    return least;
  }

  void run(const Ways& ways, const ProductArgs& args, bool joint) const {
    if (!joint) {
      for (std::size_t i = 0; i < args.ranges.size(); ++i) {
        ways.apart[i].run(args.ranges[i].a, args.initial, args.out, stream_.get());
      }
      return;
    }
    float* const beside = const_cast<float*>(beside_.data());
    std::size_t first_k = 0;
    for (const ProductArgs::Range& range : args.ranges) {
      for (std::size_t row = 0; row < args.rows; ++row) {
        std::memcpy(beside + row * args.k + first_k, range.a + row * range.stride,
                    range.k * sizeof(float));
      }
      first_k += range.k;
    }
    ways.joint->run(beside, args.initial, args.out, stream_.get());
  }

  Matmul matmul(const ProductArgs& args, const Shape& shape, std::size_t first_k) {
    const dnnl::matmul::primitive_desc description = describe(shape, engine_);
    return {shape, packed(args, first_k, description.weights_desc()), description, engine_};
  }

  // Rows [first_k, ...) of the weights in the format of `wanted`.
  Memory packed(const ProductArgs& args, std::size_t first_k, const Memory::desc& wanted) {
    Weights& weights = weights_[args.panels];
    if (weights.plain.size() == 0) unpack(args, weights.plain);
    for (const Weights::Packed& packed : weights.packed) {
      if (packed.first_k == first_k && packed.memory.get_desc() == wanted) return packed.memory;
    }
    Memory plain(matrix(static_cast<std::size_t>(wanted.dims()[0]), args.n, args.n), engine_,
                 weights.plain.data() + first_k * args.n);
    Memory memory(wanted, engine_);
    dnnl::reorder(plain, memory).execute(stream_, plain, memory);
    weights.packed.push_back({first_k, memory});
    return memory;
  }

  // [n / panel_width][k][panel_width] to [k][n].
  void unpack(const ProductArgs& args, tensor::AlignedBuffer& plain) const {
    plain = tensor::AlignedBuffer(args.k * args.n);
    for (std::size_t k = 0; k < args.k; ++k) {
      for (std::size_t column = 0; column < args.n; column += panel_width_) {
        std::copy_n(args.panels + column * args.k + k * panel_width_, panel_width_,
                    plain.data() + k * args.n + column);
      }
    }
  }

  std::size_t panel_width_;
  base::ThreadCpuClock clock_;
  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::unordered_map<Key, Ways, KeyHash> ways_;
  std::unordered_map<const float*, Weights> weights_;
  tensor::AlignedBuffer beside_;
};

// A kernel is a plain function, so what it remembers has to live here.
std::unique_ptr<Products> products;

void dnnl_product(const ProductArgs& args) noexcept { products->run(args); }

}  // namespace

const backend::cpu::KernelTable& dnnl_kernels(const backend::cpu::KernelTable& base) {
  static backend::cpu::KernelTable table = base;
  if (!products) products = std::make_unique<Products>(base.panel_width);
  table.name = "dnnl";
  table.product = dnnl_product;
  return table;
}

std::string describe_dnnl() {
  const dnnl_version_t& version = *dnnl_version();
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return "oneDNN " + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
         std::to_string(version.patch) + ", " +
         describe({64, 256, 256, 256, 256, true}, engine).impl_info_str();
}

}  // namespace sheaf::bench
