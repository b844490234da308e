// SPDX-License-Identifier: Apache-2.0
//
// Trains LeNet-5 or VGG-8 on Fashion-MNIST (Debian's dataset-fashion-mnist) and prints the accuracy
// on the test set after every epoch.
//
//   fashion_mnist lenet5|vgg8 [EPOCHS] [SEED] [RATE] [FOLDER]
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "sheaf/autodiff/backward.h"
#include "sheaf/base/clock.h"
#include "sheaf/base/error.h"
#include "sheaf/engine/compile.h"
#include "sheaf/engine/gradients.h"
#include "sheaf/io/idx.h"
#include "sheaf/nn/lenet5.h"
#include "sheaf/nn/losses.h"
#include "sheaf/nn/vgg8.h"
#include "sheaf/train/shuffle.h"
#include "sheaf/train/updater.h"

namespace {

using namespace sheaf;

constexpr std::uint32_t kBatch = 64;
constexpr std::uint32_t kClasses = 10;

std::unique_ptr<nn::PictureNet> make_model(const std::string& name, const nn::PictureShape& shape) {
  if (name == "lenet5") return std::make_unique<nn::Lenet5>(shape);
  if (name == "vgg8") return std::make_unique<nn::Vgg8>(shape);
  throw base::UsageError({"fashion_mnist", "model", "'" + name + "'", "lenet5 or vgg8"});
}

class Trainer {
 public:
  Trainer(nn::PictureNet& model, const train::UpdateOptions& options)
      : model_(model),
        loss_(model.network().add_type("loss", nn::cross_entropy(kClasses))),
        differentiation_(model.network(), {&loss_, 1}),
        session_(engine::compile(model.network())),
        sums_(model.network(), differentiation_, *session_),
        updater_(options, model.network().parameters()) {}

  // The sum of the losses of a minibatch, before the update.
  double step(const std::vector<nn::Instance>& instances, std::uint64_t step) {
    graph_.clear();
    session_->begin();
    const auto statistics = model_.append_minibatch(instances, graph_);
    const std::vector<graph::Operand> outputs(graph_.outputs().begin(), graph_.outputs().end());
    std::vector<graph::NodeId> losses;
    for (std::uint32_t i = 0; i < outputs.size(); ++i) {
      graph_.begin_instance(i);
      losses.push_back(graph_.add(loss_, {outputs[i]}, std::get<nn::Picture>(instances[i]).label));
    }
    differentiation_.append(graph_);
    session_->step(graph_);
    const auto count = static_cast<std::uint32_t>(instances.size());
    sums_.sum(graph_, {count}, 1.0F / static_cast<float>(count), gradients_);
    updater_.apply(gradients_, step);
    for (std::size_t layer = 0; layer < statistics.size(); ++layer) {
      model_.update_running_statistics(
          layer, session_->read({statistics[layer], nn::PictureNet::kMeanPort}),
          session_->read({statistics[layer], nn::PictureNet::kVariancePort}),
          static_cast<double>(count) * model_.pixels_after(layer));
    }
    double loss = 0;
    for (const graph::NodeId node : losses) loss += static_cast<double>(session_->read({node})[0]);
    return loss;
  }

  double accuracy(const std::vector<nn::Instance>& instances) {
    std::size_t right = 0;
    for (std::size_t begin = 0; begin < instances.size(); begin += kBatch) {
      graph_.clear();
      session_->begin();
      const std::size_t end = std::min(begin + kBatch, instances.size());
      for (std::size_t i = begin; i < end; ++i) {
        model_.append(instances[i], static_cast<std::uint32_t>(i - begin), graph_);
      }
      session_->step(graph_);
      for (std::size_t i = begin; i < end; ++i) {
        const auto row = session_->read(graph_.outputs()[i - begin]);
        const auto best = std::max_element(row.begin(), row.end()) - row.begin();
        right += best == std::get<nn::Picture>(instances[i]).label ? 1 : 0;
      }
    }
    return static_cast<double>(right) / static_cast<double>(instances.size());
  }

 private:
  nn::PictureNet& model_;
  graph::TypeId loss_;
  autodiff::Differentiation differentiation_;
  std::unique_ptr<engine::Session> session_;
  engine::GradientSums sums_;
  train::Updater updater_;
  graph::Graph graph_{model_.network()};
  graph::Gradients gradients_;
};

// The running statistics of batch normalisation are no weights.
std::vector<std::string> statistics_of(const graph::ParameterStore& parameters) {
  std::vector<std::string> names;
  for (const graph::Parameter& parameter : parameters) {
    if (parameter.name.ends_with(".mean") || parameter.name.ends_with(".variance")) {
      names.push_back(parameter.name);
    }
  }
  return names;
}

int run(const std::vector<std::string>& args) {
  const auto argument = [&](std::size_t i, const char* otherwise) {
    return i < args.size() ? args[i] : std::string(otherwise);
  };
  const auto epochs = std::strtoul(argument(1, "8").c_str(), nullptr, 10);
  const auto seed = std::strtoull(argument(2, "1").c_str(), nullptr, 10);
  const double rate = std::strtod(argument(3, "0.05").c_str(), nullptr);
  const std::string folder = argument(4, "/usr/share/datasets/fashion-mnist");

  const std::array<io::PictureSet, 2> sets = {io::read_picture_set(folder, "train"),
                                              io::read_picture_set(folder, "t10k")};
  const auto train_set = io::pictures_of(sets[0], 0);
  const auto test_set = io::pictures_of(sets[1], sets[0].count());
  tensor::Tensor pixels = io::pixel_table(sets);
  const auto model = make_model(argument(0, "lenet5"), {.height = sets[0].height,
                                                        .width = sets[0].width,
                                                        .classes = kClasses,
                                                        .pictures = pixels.shape().rows});
  graph::ParameterStore& parameters = model->network().parameters();
  parameters.assign(parameters.find(nn::kPixels), std::move(pixels));
  model->initialise(seed);

  const std::uint64_t updates = epochs * (train_set.size() / kBatch);
  train::UpdateOptions options;
  options.optimiser.momentum = 0.9;
  options.optimiser.nesterov = true;
  options.optimiser.weight_decay = 5e-4;
  options.rate = {.kind = train::LearningRate::Kind::cosine,
                  .base = rate,
                  .warmup = updates / 40,
                  .updates = updates};
  options.frozen = statistics_of(parameters);
  Trainer trainer(*model, options);
  const base::ThreadCpuClock clock;
  std::uint64_t step = 0;
  std::uint64_t spent_ns = 0;
  for (std::uint64_t epoch = 0; epoch < epochs; ++epoch) {
    const std::uint64_t start = clock.now_ns();
    const auto order = train::shuffled(static_cast<std::uint32_t>(train_set.size()), seed, epoch);
    double loss = 0;
    std::size_t seen = 0;
    for (std::size_t begin = 0; begin + kBatch <= order.size(); begin += kBatch) {
      std::vector<nn::Instance> minibatch;
      for (std::size_t i = begin; i < begin + kBatch; ++i) minibatch.push_back(train_set[order[i]]);
      loss += trainer.step(minibatch, step++);
      seen += kBatch;
    }
    spent_ns += clock.now_ns() - start;
    std::printf("epoch %2u  loss %.4f  test accuracy %.2f %%  %.0f s of CPU time\n",
                static_cast<unsigned>(epoch + 1), loss / static_cast<double>(seen),
                100 * trainer.accuracy(test_set), static_cast<double>(spent_ns) * 1e-9);
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return error.exit_code();
  }
}
