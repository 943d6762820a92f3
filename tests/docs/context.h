// What the snippets of the documentation take as given: each name that they use and do not declare.
// For what compile_snippets.py makes of them, which is looked at and not linked: nothing is
// defined.
#pragma once

#include <cuttle/cuttle.h>

#include <iostream>
#include <string>
#include <vector>

#include "../../examples/cifar10/train_module.h"

namespace snippets {

using namespace cuttle;

extern Device device;
extern TrainModule model;
extern CrossEntropyLoss loss_fn;
extern SGD optimizer;

extern ImageDataset &data, &dataset, &train_data;
extern DataLoader &loader, &train_loader;
extern std::vector<std::string> classes;
extern std::vector<double> train_losses, test_losses, test_accuracies, weights;
extern std::vector<float> mean, std;

extern Tensor images, targets, logits, loss, tokens, labels, lengths;
extern double accuracy, train, test;
extern int64_t epoch, step;
extern bool quiet;

Tensor my_layer(const Tensor& x);
void train_step();
void train_step(const Tensor& images, const Tensor& targets);
void use(const Tensor& images, const Tensor& targets, const Tensor& lengths);

}  // namespace snippets
